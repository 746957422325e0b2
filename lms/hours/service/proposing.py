"""Corrections of the ledger take two persons: one proposes with a reason, another one confirms."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.hours import queries
from lms.hours.models import CorrectionRow, CreditEntryRow
from lms.hours.service.correcting import (
    LONGEST_REASON,
    Correction,
    credit_again,
    locked,
    not_own,
    note,
    owner,
    possible,
    said,
    take_back,
)
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, NotFound
from lms.kernel.numbers import refuse_numbers


class ProposedAlready(Conflict):
    """One proposal for an entry waits."""

    code, title = "correction_proposed", N_("这条记录已有一项更正等待确认，请先办结")


class CorrectionSettled(Conflict):
    """A proposal is decided once."""

    code, title = "hours_correction_settled", N_("这项更正已经办结")


class SecondPerson(Forbidden):
    """A correction takes two persons."""

    code, title = "second_person", N_("提出人不能自己确认，请由另一位管理人员确认")


def propose(entry_id: UUID, kind: Correction, *, by: Staff, reason: str, now: datetime) -> UUID:
    """Proposes a correction of an entry in `by`'s reach. Returns its id; nothing changes in the ledger yet.

    Raises NotFound (also outside the reach), Invalid, OwnHours, AlreadyReversed, StillCounts, ProposedAlready.
    """
    reason = said(reason)
    with unit_of_work() as session:
        entry = locked(session, entry_id)
        if not by.reaches(owner(session, entry).unit_path):
            raise NotFound
        return _store(session, entry, kind, actor_id=by.person_id, reason=reason, now=now).id


def propose_for_day(person_id: UUID, day: date, *, actor_id: UUID, reason: str, now: datetime) -> int:
    """Proposes to take back what a person's courses brought on a day in China, for a second person to decide. Returns how many.

    What is taken back already, or waits for a decision, is left as it is. Raises Invalid, OwnHours.
    """
    reason = said(reason)
    with unit_of_work() as session:
        entries = queries.standing_of_day(session, person_id, day)
        for entry_id in entries:
            _store(session, locked(session, entry_id), Correction.REVERSAL, actor_id=actor_id, reason=reason, now=now)
    return len(entries)


def confirm(correction_id: UUID, *, by: Staff, comment: str, now: datetime) -> UUID:
    """Confirms a proposal, which writes the entry. Returns the entry's id.

    Raises NotFound (also outside the reach), CorrectionSettled, SecondPerson, InOneHand, OwnHours, AlreadyReversed,
    StillCounts, NoRule, Invalid.
    """
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        found, entry = _waiting(session, correction_id, by, now=now)
        return _carry_out(session, found, entry, by.person_id, comment=comment.strip()[:LONGEST_REASON], now=now)


def decline(correction_id: UUID, *, by: Staff, comment: str, now: datetime) -> None:
    """Declines a proposal with a reason. Raises as `confirm` does, and Invalid without a reason."""
    comment = said(comment, field="comment")
    with unit_of_work() as session:
        found, entry = _waiting(session, correction_id, by, now=now)
        _settle(session, found, "declined", by.person_id, comment=comment, now=now)
        note(session, "hours.correction_declined", entry, actor_id=by.person_id, now=now, reason=comment)


def withdraw_correction(correction_id: UUID, *, by: Staff, now: datetime) -> None:
    """Takes one's own proposal back. Raises NotFound (also outside the reach), CorrectionSettled."""
    with unit_of_work() as session:
        found, entry = _held(session, correction_id)
        if found.proposed_by != by.person_id or not by.reaches(owner(session, entry).unit_path):
            raise NotFound
        if found.state != "proposed":
            raise CorrectionSettled
        _settle(session, found, "withdrawn", by.person_id, comment="", now=now)
        note(session, "hours.correction_withdrawn", entry, actor_id=by.person_id, now=now)


def reverse(entry_id: UUID, *, actor_id: UUID, second_id: UUID, reason: str, now: datetime) -> UUID:
    """Takes an entry back in the name of two persons. Returns the reversal's id.

    Raises NotFound, Invalid, SecondPerson, InOneHand, OwnHours, AlreadyReversed, ProposedAlready.
    """
    return _by_both(entry_id, Correction.REVERSAL, actor_id, second_id, reason=reason, now=now)


def recredit(entry_id: UUID, *, actor_id: UUID, second_id: UUID, reason: str, now: datetime) -> UUID:
    """Credits a course again whose entry was taken back, by the rule that holds now, when and where it was earned.

    Returns the new entry's id; its round is one more. Raises NotFound, Invalid, SecondPerson, InOneHand, OwnHours,
    StillCounts, ProposedAlready, NoRule.
    """
    return _by_both(entry_id, Correction.RECREDIT, actor_id, second_id, reason=reason, now=now)


def _by_both(entry_id: UUID, kind: Correction, actor_id: UUID, second_id: UUID, *, reason: str, now: datetime) -> UUID:
    reason = said(reason)
    with unit_of_work() as session:
        require_another(session, second_id, [actor_id], own=SecondPerson, now=now)
        entry = locked(session, entry_id)
        found = _store(session, entry, kind, actor_id=actor_id, reason=reason, now=now)
        not_own(session, entry, second_id)
        return _carry_out(session, found, entry, second_id, comment="", now=now)


def _store(
    session: Session, entry: CreditEntryRow, kind: Correction, *, actor_id: UUID, reason: str, now: datetime
) -> CorrectionRow:
    not_own(session, entry, actor_id)
    possible(session, entry, kind)
    if queries.waiting_correction(session, entry.id):
        raise ProposedAlready
    found = CorrectionRow(
        id=ids.new_id(now),
        entry_id=entry.id,
        kind=kind,
        person_id=entry.person_id,
        state="proposed",
        reason=reason,
        proposed_by=actor_id,
        proposed_at=now,
        comment="",
        unit_id=owner(session, entry).unit_id,
    )
    session.add(found)
    session.flush()
    note(session, f"hours.{kind}_proposed", entry, actor_id=actor_id, now=now, reason=reason)
    return found


def _carry_out(
    session: Session, found: CorrectionRow, entry: CreditEntryRow, second_id: UUID, *, comment: str, now: datetime
) -> UUID:
    """Writes the entry that both persons stand for; the facts are looked at again."""
    kind = Correction(found.kind)
    possible(session, entry, kind)
    _settle(session, found, "confirmed", second_id, comment=comment, now=now)
    write, action = (take_back, "hours.reversed") if kind is Correction.REVERSAL else (credit_again, "hours.recredited")
    made = write(session, entry, actor_id=found.proposed_by, reason=found.reason, now=now)
    note(session, action, entry, actor_id=found.proposed_by, now=now, reason=found.reason, second=str(second_id))
    return made


def _waiting(
    session: Session, correction_id: UUID, by: Staff, *, now: datetime
) -> tuple[CorrectionRow, CreditEntryRow]:
    """A proposal that `by` may decide, with its entry; nobody else decides it until the unit of work ends."""
    found, entry = _held(session, correction_id)
    if not by.reaches(owner(session, entry).unit_path):
        raise NotFound
    if found.state != "proposed":
        raise CorrectionSettled
    require_another(session, by.person_id, [found.proposed_by], own=SecondPerson, now=now)
    not_own(session, entry, by.person_id)
    return found, entry


def _held(session: Session, correction_id: UUID) -> tuple[CorrectionRow, CreditEntryRow]:
    """A proposal and its entry, locked in the order in which proposing locks."""
    entry_id = session.execute(select(CorrectionRow.entry_id).where(CorrectionRow.id == correction_id)).scalar()
    if entry_id is None:
        raise NotFound
    entry = locked(session, entry_id)
    return session.execute(
        for_update(select(CorrectionRow).where(CorrectionRow.id == correction_id))
    ).scalar_one(), entry


def _settle(
    session: Session, found: CorrectionRow, state: str, decided_by: UUID, *, comment: str, now: datetime
) -> None:
    found.state, found.decided_by, found.decided_at, found.comment = state, decided_by, now, comment
    audit.mark_again(session, CorrectionRow, found.id)
