"""Grants accommodations: one member of staff proposes, another confirms; whoever may grant them may revoke them with a reason."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accommodations import queries
from lms.accommodations.domain.measures import LONGEST_REFERENCE, Basis, Measure, problems
from lms.accommodations.models import AccommodationRow
from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.holding import day_of, hold, said
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, refuse_numbers, tells_a_number
from lms.notices import service as notices
from lms.notices.domain.messages import Message

OWN_PAGE = "/me/data/accommodations"
GRANTED = (
    N_("您的便利安排已批准"),
    N_("您的考试或在场确认可以按约定延长时间，请打开查看从哪天起、延长多少。"),
)
REVOKED = (N_("您的便利安排已撤销"), N_("这项便利安排不再有效，请打开查看理由。有疑问请联系所在单位。"))


class ProposedAlready(Conflict):
    """One proposal for a person waits."""

    code, title = "accommodation_proposed", N_("此人已有一项便利安排等待确认，请先办结")


class AccommodationSettled(Conflict):
    """A proposal is decided once, and what holds is revoked once."""

    code, title = "accommodation_settled", N_("这项便利安排已经办结")


class SecondPerson(Forbidden):
    """An accommodation takes two persons."""

    code, title = "accommodation_second_person", N_("提出人不能自己确认，请由另一位管理人员确认")


@dataclass(frozen=True)
class Proposal:
    """What is to hold for a person, on what it rests, and on which days in China, both included."""

    measure: Measure
    basis: Basis
    reference: str
    from_on: date
    until_on: date | None


def propose(person_id: UUID, wanted: Proposal, *, by: Staff, now: datetime) -> UUID:
    """Proposes an accommodation; nothing changes yet. Returns its id.

    Raises NotFound (also outside the reach), OnOneself, PersonGone, Invalid, ProposedAlready.
    """
    with unit_of_work() as session:
        person = hold(session, person_id, by)
        wrong = problems(wanted.measure, from_on=wanted.from_on, until_on=wanted.until_on, today=day_of(now))
        if tells_a_number(wanted.reference):
            wrong["reference"] = NO_NUMBERS
        if wrong:
            raise Invalid(fields=wrong)
        if _one_waits(session, person_id):
            raise ProposedAlready
        row = AccommodationRow(
            id=ids.new_id(now),
            person_id=person.id,
            version=queries.newest_version(session, person.id) + 1,
            exam_percent=wanted.measure.exam_percent,
            presence_percent=wanted.measure.presence_percent,
            basis=wanted.basis.value,
            reference=wanted.reference.strip()[:LONGEST_REFERENCE],
            from_on=wanted.from_on,
            until_on=wanted.until_on,
            state="proposed",
            proposed_by=by.person_id,
            proposed_at=now,
            comment="",
            revoked_reason="",
        )
        session.add(row)
        session.flush()
        _note(session, "accommodation.proposed", row, by.person_id, now=now)
        return row.id


def confirm(accommodation_id: UUID, *, by: Staff, comment: str, now: datetime) -> None:
    """Confirms a proposal as the second person; it holds from its first day on.

    Raises NotFound (also outside the reach), OnOneself, PersonGone, AccommodationSettled, SecondPerson, InOneHand,
    Invalid.
    """
    with unit_of_work() as session:
        row = _to_decide(session, accommodation_id, by, now=now)
        _decide(session, row, "confirmed", by.person_id, _checked(comment), now=now)
        _note(session, "accommodation.confirmed", row, by.person_id, now=now)
        _tell(row, GRANTED, now=now)


def decline(accommodation_id: UUID, *, by: Staff, comment: str, now: datetime) -> None:
    """Declines a proposal with a reason. Raises as `confirm` does, and Invalid without a reason."""
    with unit_of_work() as session:
        row = _to_decide(session, accommodation_id, by, now=now)
        if not comment.strip():
            raise Invalid(fields={"comment": N_("请写明理由")})
        _decide(session, row, "declined", by.person_id, _checked(comment), now=now)
        _note(session, "accommodation.declined", row, by.person_id, now=now)


def withdraw(accommodation_id: UUID, *, by: Staff, now: datetime) -> UUID:
    """Takes one's own proposal back. Returns whose it is. Raises NotFound, PersonGone, AccommodationSettled."""
    with unit_of_work() as session:
        row = _held(session, accommodation_id, by)
        if row.proposed_by != by.person_id:
            raise NotFound
        if row.state != "proposed":
            raise AccommodationSettled
        _decide(session, row, "withdrawn", by.person_id, "", now=now)
        _note(session, "accommodation.withdrawn", row, by.person_id, now=now)
        return row.person_id


def revoke(accommodation_id: UUID, *, by: Staff, reason: str, now: datetime) -> None:
    """Ends what was confirmed, for what begins from now on: an attempt that is open keeps its time.

    Raises NotFound (also outside the reach), OnOneself, PersonGone, AccommodationSettled, Invalid.
    """
    with unit_of_work() as session:
        row = _held(session, accommodation_id, by)
        if row.state != "confirmed":
            raise AccommodationSettled
        row.state, row.revoked_by, row.revoked_at, row.revoked_reason = "revoked", by.person_id, now, said(reason)
        audit.mark_again(session, AccommodationRow, row.id)
        _note(session, "accommodation.revoked", row, by.person_id, now=now)
        _tell(row, REVOKED, now=now)


def _one_waits(session: Session, person_id: UUID) -> bool:
    waiting = select(AccommodationRow.id).where(
        AccommodationRow.person_id == person_id, AccommodationRow.state == "proposed"
    )
    return session.execute(waiting).first() is not None


def _held(session: Session, accommodation_id: UUID, by: Staff) -> AccommodationRow:
    """A version whose person `by` may act on; nobody else decides it until the unit of work ends."""
    person_id = session.execute(
        select(AccommodationRow.person_id).where(AccommodationRow.id == accommodation_id)
    ).scalar()
    if person_id is None:
        raise NotFound
    hold(session, accounts.kept_id(session, person_id), by)
    return session.execute(
        for_update(select(AccommodationRow).where(AccommodationRow.id == accommodation_id))
    ).scalar_one()


def _to_decide(session: Session, accommodation_id: UUID, by: Staff, *, now: datetime) -> AccommodationRow:
    row = _held(session, accommodation_id, by)
    if row.state != "proposed":
        raise AccommodationSettled
    require_another(session, by.person_id, [row.proposed_by], own=SecondPerson, now=now)
    return row


def _checked(comment: str) -> str:
    refuse_numbers(comment=comment)
    return comment.strip()[:200]


def _decide(
    session: Session, row: AccommodationRow, state: str, decided_by: UUID, comment: str, *, now: datetime
) -> None:
    row.state, row.decided_by, row.decided_at, row.comment = state, decided_by, now, comment
    audit.mark_again(session, AccommodationRow, row.id)


def _note(session: Session, action: str, row: AccommodationRow, actor_id: UUID, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="accommodation",
        object_id=row.id,
        actor_id=actor_id,
        details={
            "person": str(row.person_id),
            "version": row.version,
            "exam_percent": row.exam_percent,
            "presence_percent": row.presence_percent,
            "basis": row.basis,
            "from": row.from_on.isoformat(),
            "until": row.until_on.isoformat() if row.until_on else None,
            "reason": row.revoked_reason or row.comment,
        },
        now=now,
    )


def _tell(row: AccommodationRow, words: tuple[str, str], *, now: datetime) -> None:
    title, text = words
    message = Message("accommodation", title, text, link=OWN_PAGE, key=f"{row.id}:{row.state}")
    notices.send({row.person_id: message}, now=now)
