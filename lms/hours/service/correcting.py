"""Takes entries back and credits again what was taken back wrongly; each correction is a further entry."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.hours import queries
from lms.hours.models import CreditEntryRow
from lms.hours.service.fixing import worth
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound


class AlreadyReversed(Conflict):
    """An entry is taken back once."""

    code, title = "already_reversed", N_("这条学时记录已被冲正，或本身就是冲正记录")


class StillCounts(Conflict):
    """Only what was taken back is credited again."""

    code, title = "still_counts", N_("这门课程的学时没有被冲正，不能重新计入")


def reverse(entry_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> UUID:
    """Takes an entry back by a new one. Returns the reversal's id. Raises NotFound, Invalid, AlreadyReversed."""
    reason = _said(reason)
    with unit_of_work() as session:
        entry = _locked(session, entry_id)
        if entry.reversal_of is not None or _taken_back(session, entry_id):
            raise AlreadyReversed
        reversal_id = ids.new_id(now)
        session.add(
            _again(
                entry,
                id=reversal_id,
                hours=-entry.hours,
                earned_at=now,
                reversal_of=entry_id,
                reason=reason,
                actor_id=actor_id,
            )
        )
        session.flush()
        _note(session, "hours.reversed", entry, actor_id=actor_id, reason=reason, now=now)
        return reversal_id


def reverse_doubles(person_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> int:
    """Takes back what joined accounts earned twice from one source in one year; the earliest entry stays. Returns how many."""
    with unit_of_work() as session:
        doubles = queries.doubles(session, person_id)
        for entry_id in doubles:
            reverse(entry_id, actor_id=actor_id, reason=reason, now=now)
    return len(doubles)


def recredit(entry_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> UUID:
    """Credits a course again whose entry was taken back, by the rule that holds now, when and where it was earned.

    Returns the new entry's id; its round is one more. Raises NotFound, Invalid, StillCounts, NoRule.
    """
    reason = _said(reason)
    with unit_of_work() as session:
        entry = _locked(session, entry_id)
        entries, reversals = queries.reversed_rounds(
            session, entry.person_id, entry.source, entry.source_id, entry.count_year
        )
        if entry.reversal_of is not None or entries > reversals:
            raise StillCounts
        rule_id, hours = (None, entry.hours) if entry.rule_id is None else worth(session, entry.source_id)
        credited_id = ids.new_id(now)
        session.add(
            _again(
                entry,
                id=credited_id,
                hours=hours,
                rule_id=rule_id,
                round=entries,
                reason=reason,
                actor_id=actor_id,
            )
        )
        session.flush()
        _note(session, "hours.recredited", entry, actor_id=actor_id, reason=reason, now=now)
        return credited_id


def _said(reason: str) -> str:
    if not reason.strip():
        raise Invalid(fields={"reason": N_("请写明理由")})
    return reason.strip()[:200]


def _locked(session: Session, entry_id: UUID) -> CreditEntryRow:
    """An entry, and nobody else corrects it until the unit of work ends."""
    entry = session.execute(for_update(select(CreditEntryRow).where(CreditEntryRow.id == entry_id))).scalar()
    if entry is None:
        raise NotFound
    return entry


def _taken_back(session: Session, entry_id: UUID) -> bool:
    return session.execute(select(CreditEntryRow.id).where(CreditEntryRow.reversal_of == entry_id)).first() is not None


def _again(entry: CreditEntryRow, **changes: Any) -> CreditEntryRow:
    """A new line with what an entry says, but for the changes."""
    same = {column.key: getattr(entry, column.key) for column in inspect(CreditEntryRow).columns}
    return CreditEntryRow(**{**same, **changes})


def _note(session: Session, action: str, entry: CreditEntryRow, *, actor_id: UUID, reason: str, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="credit_entry",
        object_id=entry.id,
        actor_id=actor_id,
        details={"reason": reason, "hours": entry.hours},
        now=now,
    )
