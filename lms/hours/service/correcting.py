"""Corrects the ledger by further entries: takes one back, or credits again what was taken back."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.hours import queries
from lms.hours.models import CreditEntryRow
from lms.hours.service.fixing import worth
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers

LONGEST_REASON = 200


class Correction(StrEnum):
    """What a correction does: takes an entry back, or credits again what was taken back."""

    REVERSAL = "reversal"
    RECREDIT = "recredit"


class AlreadyReversed(Conflict):
    """An entry is taken back once."""

    code, title = "already_reversed", N_("这条学时记录已被冲正，或本身就是冲正记录")


class StillCounts(Conflict):
    """Only what was taken back is credited again."""

    code, title = "still_counts", N_("这门课程的学时没有被冲正，不能重新计入")


class OwnHours(Forbidden):
    """Nobody corrects or judges their own hours."""

    code, title = "own_hours", N_("不能处理自己的学时，请由其他管理人员办理")


COUNTED_ONCE = "两个账号经确认为同一人，重复的学时只计一次"


def reverse_doubles(person_id: UUID, *, actor_id: UUID, now: datetime) -> int:
    """Takes back what joined accounts earned twice from one source in one year; the earliest entry stays. Returns how many.

    The rule of counting once decides here and no person, so nobody has to confirm it. Why the accounts were joined is of the
    union that joined them; the ledger goes with the person.
    """
    with unit_of_work() as session:
        doubles = queries.doubles(session, person_id)
        for entry_id in doubles:
            entry = locked(session, entry_id)
            take_back(session, entry, actor_id=actor_id, reason=COUNTED_ONCE, now=now)
            note(session, "hours.reversed", entry, actor_id=actor_id, now=now, reason=COUNTED_ONCE)
    return len(doubles)


def possible(session: Session, entry: CreditEntryRow, kind: Correction) -> None:
    """Raises AlreadyReversed or StillCounts unless an entry can be corrected so."""
    if kind is Correction.REVERSAL:
        if entry.reversal_of is not None or _taken_back(session, entry.id):
            raise AlreadyReversed
        return
    entries, reversals = _rounds(session, entry)
    if entry.reversal_of is not None or entries > reversals:
        raise StillCounts


def take_back(session: Session, entry: CreditEntryRow, *, actor_id: UUID, reason: str, now: datetime) -> UUID:
    """Writes the reversal of a locked entry. Returns its id. Raises AlreadyReversed."""
    if entry.reversal_of is not None or _taken_back(session, entry.id):
        raise AlreadyReversed
    return _again(
        session,
        entry,
        id=ids.new_id(now),
        hours=-entry.hours,
        earned_at=now,
        reversal_of=entry.id,
        reason=reason,
        actor_id=actor_id,
    )


def credit_again(session: Session, entry: CreditEntryRow, *, actor_id: UUID, reason: str, now: datetime) -> UUID:
    """Writes the next round of a locked entry that was taken back. Returns its id. Raises NoRule."""
    entries, _ = _rounds(session, entry)
    rule_id, hours = (None, entry.hours) if entry.rule_id is None else worth(session, entry.source_id)
    return _again(
        session,
        entry,
        id=ids.new_id(now),
        hours=hours,
        rule_id=rule_id,
        round=entries,
        reason=reason,
        actor_id=actor_id,
    )


def _rounds(session: Session, entry: CreditEntryRow) -> tuple[int, int]:
    """(entries, reversals) of what an entry is for, under all accounts of its person."""
    person_id = accounts.kept_id(session, entry.person_id)
    return queries.reversed_rounds(session, person_id, entry.source, entry.source_id, entry.count_year)


def locked(session: Session, entry_id: UUID) -> CreditEntryRow:
    """An entry, and nobody else corrects it, nor moves or joins whose it is, until the unit of work ends. Raises NotFound.

    People are locked before their entries, as joining locks them.
    """
    person_id = session.execute(select(CreditEntryRow.person_id).where(CreditEntryRow.id == entry_id)).scalar()
    if person_id is None:
        raise NotFound
    accounts.lock_person(session, person_id, accounts.kept_id(session, person_id))
    return session.execute(for_update(select(CreditEntryRow).where(CreditEntryRow.id == entry_id))).scalar_one()


def owner(session: Session, entry: CreditEntryRow) -> accounts.Person:
    """Whose hours they are today: the person, or the one whom they turned out to be."""
    return accounts.person(session, accounts.kept_id(session, entry.person_id))


def not_own(session: Session, entry: CreditEntryRow, actor_id: UUID) -> None:
    """Raises OwnHours when somebody would act on their own hours, under whatever account."""
    if actor_id in accounts.alias_ids(session, accounts.kept_id(session, entry.person_id)):
        raise OwnHours


def said(reason: str, *, field: str = "reason") -> str:
    """A reason as it is kept. Raises Invalid when there is none, or one that holds a number."""
    if not reason.strip():
        raise Invalid(fields={field: N_("请写明理由")})
    refuse_numbers(**{field: reason})
    return reason.strip()[:LONGEST_REASON]


def note(
    session: Session, action: str, entry: CreditEntryRow, *, actor_id: UUID, now: datetime, **details: str
) -> None:
    """Tells the audit what was done with an entry."""
    audit.record(
        session,
        action=action,
        object_type="credit_entry",
        object_id=entry.id,
        actor_id=actor_id,
        details={**details, "hours": entry.hours},
        now=now,
    )


def _taken_back(session: Session, entry_id: UUID) -> bool:
    return session.execute(select(CreditEntryRow.id).where(CreditEntryRow.reversal_of == entry_id)).first() is not None


def _again(session: Session, entry: CreditEntryRow, **changes: Any) -> UUID:
    """Writes a new line with what an entry says, but for the changes. Returns its id."""
    same = {column.key: getattr(entry, column.key) for column in inspect(CreditEntryRow).columns}
    session.add(CreditEntryRow(**{**same, **changes}))
    session.flush()
    return UUID(str(changes["id"]))
