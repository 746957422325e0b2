"""A granted accommodation, by two persons."""

from datetime import date, datetime
from uuid import UUID

from lms.accommodations import service
from lms.accommodations.domain.measures import Basis, Measure
from lms.accounts.domain.reach import Staff
from lms.kernel.clock import SHANGHAI
from tests.factories.learning import NOW


def proposal(
    exam_percent: int = 150, presence_percent: int = 100, *, from_on: date | None = None, until_on: date | None = None
) -> service.Proposal:
    """Half as much time again in exams, from today on, unless told otherwise."""
    first = from_on or NOW.astimezone(SHANGHAI).date()
    return service.Proposal(Measure(exam_percent, presence_percent), Basis.DOCUMENT, "3号", first, until_on)


def grant(person_id: UUID, wanted: service.Proposal, *, path: str, one: UUID, other: UUID, now: datetime = NOW) -> UUID:
    """Proposed by one and confirmed by the other, who reach `path`. Returns its id."""
    granted = service.propose(person_id, wanted, by=Staff(one, (path,)), now=now)
    service.confirm(granted, by=Staff(other, (path,)), comment="", now=now)
    return granted
