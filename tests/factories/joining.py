"""Two accounts joined by two members of staff, in one call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from lms.accounts.domain.reach import Staff
from lms.accounts.models import JoinProposalRow, PersonRow
from lms.accounts.service import joining
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import DomainError
from lms.organisations import queries as organisations
from tests.factories.people import NOW, make_person


def join_by_two(kept_id: UUID, gone_id: UUID, *, by: Staff, reason: str, now: datetime) -> joining.Joined:
    """Has `by` propose it and somebody else with the same reach confirm it."""
    proposal_id = joining.propose(kept_id, gone_id, by=by, reason=reason, now=now)
    with reading() as session:
        root = organisations.national(session)
    assert root
    second = Staff(make_person(root, "复核员", now=now).person_id, by.scopes, by.outranks)
    try:
        return joining.confirm(proposal_id, by=second, now=now)
    except DomainError:
        joining.refuse(proposal_id, by=second, now=now)  # so that it can be proposed again
        raise


def confirmed_proposal(kept_id: UUID, gone_id: UUID, one_id: UUID, other_id: UUID) -> JoinProposalRow:
    """A row that says that two members of staff agreed."""
    return JoinProposalRow(
        id=ids.new_id(NOW),
        kept_id=kept_id,
        gone_id=gone_id,
        reason="同一人",
        proposed_by=one_id,
        proposed_at=NOW,
        state="confirmed",
        decided_by=other_id,
        decided_at=NOW,
    )


def as_one(kept_id: UUID, gone_id: UUID) -> None:
    """Makes one person an account of another, whatever both are called and hold."""
    with reading() as session:
        root = organisations.national(session)
    assert root
    staff = [make_person(root, name).person_id for name in ("申请员", "复核员")]
    with unit_of_work() as session:
        session.add(confirmed_proposal(kept_id, gone_id, *staff))
        session.flush()
        session.execute(update(PersonRow).where(PersonRow.id == gone_id).values(merged_into=kept_id))
