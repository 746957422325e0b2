"""Reads requests for more time in an exam."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.exams.domain.watching import LAPSES_AFTER, RequestState
from lms.exams.models import AllowanceRequestRow, AllowanceRow, AttemptRow, ExamRow
from lms.kernel.errors import NotFound

MOST_SHOWN = 20


@dataclass(frozen=True)
class MoreTime:
    """A request for more time with what became of it; `name` is whose attempt it is for, "" for everybody's."""

    id: UUID
    exam_id: UUID
    class_id: UUID
    attempt_id: UUID | None
    name: str
    minutes: int
    reason: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    state: RequestState
    given: int

    def waits(self, now: datetime) -> bool:
        """Whether a second person may still decide on it."""
        return self.state is RequestState.ASKED and now - self.asked_at <= LAPSES_AFTER


def requests(session: Session, exam_id: UUID) -> tuple[MoreTime, ...]:
    """The newest requests for more time in an exam, the newest first. One statement."""
    statement = _requests().where(AllowanceRequestRow.exam_id == exam_id)
    ordered = statement.order_by(AllowanceRequestRow.asked_at.desc()).limit(MOST_SHOWN)
    return tuple(_more_time(row) for row in session.execute(ordered))


def request(session: Session, request_id: UUID) -> MoreTime:
    """One request for more time. Raises NotFound."""
    row = session.execute(_requests().where(AllowanceRequestRow.id == request_id)).first()
    if row is None:
        raise NotFound
    return _more_time(row)


def confirmed_requests(session: Session, *, limit: int) -> tuple[UUID, ...]:
    """Requests that were confirmed and are not carried out, the oldest first."""
    statement = select(AllowanceRequestRow.id).where(AllowanceRequestRow.state == RequestState.CONFIRMED.value)
    return tuple(session.execute(statement.order_by(AllowanceRequestRow.decided_at).limit(limit)).scalars())


def _requests() -> Select[*tuple[Any, ...]]:
    asker, owner = aliased(PersonRow), aliased(PersonRow)
    given = select(func.count()).select_from(AllowanceRow).where(AllowanceRow.request_id == AllowanceRequestRow.id)
    return (
        select(
            AllowanceRequestRow.id,
            AllowanceRequestRow.exam_id,
            ExamRow.class_id,
            AllowanceRequestRow.attempt_id,
            func.coalesce(owner.name, "").label("name"),
            AllowanceRequestRow.minutes,
            AllowanceRequestRow.reason,
            AllowanceRequestRow.asked_by,
            asker.name.label("asked_by_name"),
            AllowanceRequestRow.asked_at,
            AllowanceRequestRow.state,
            given.correlate(AllowanceRequestRow).scalar_subquery().label("given"),
        )
        .join(ExamRow, ExamRow.id == AllowanceRequestRow.exam_id)
        .join(asker, asker.id == AllowanceRequestRow.asked_by)
        .outerjoin(AttemptRow, AttemptRow.id == AllowanceRequestRow.attempt_id)
        .outerjoin(owner, owner.id == AttemptRow.person_id)
    )


def _more_time(row: Any) -> MoreTime:
    return MoreTime(**{**row._mapping, "state": RequestState(row.state)})
