"""Writes rules and ledger entries; both are append-only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.catalogue.events import LecturePublished
from lms.hours import queries
from lms.hours.domain.rules import RuleKind, count_year, hours_for
from lms.hours.domain.targets import Ledger
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.learning.events import CourseCompleted

COURSE = "course"


class AlreadyReversed(Conflict):
    """An entry is taken back once."""

    code, title = "already_reversed", N_("这条学时记录已被冲正，或本身就是冲正记录")


class StillCounts(Conflict):
    """Only what was taken back is credited again."""

    code, title = "still_counts", N_("这门课程的学时没有被冲正，不能重新计入")


class NoRule(Conflict):
    """A course without a rule can't be credited; publishing fixes one."""

    code, title = "no_rule", N_("课程尚未核定学时")


def fix_rule(event: LecturePublished) -> None:
    """Stores what the reviewers fixed for the course as a new version, unless it is what holds already."""
    with unit_of_work() as session:
        held = queries.newest_rule(session, event.course_id)
        if held is not None and (held.rule.kind, held.rule.hours) == (RuleKind.FIXED, event.course_hours):
            return
        session.add(
            HoursRuleRow(
                id=ids.new_id(event.at),
                course_id=event.course_id,
                version=held.rule.version + 1 if held else 1,
                kind=RuleKind.FIXED,
                parameters={"hours": event.course_hours},
                revision_id=event.revision_id,
                decided_by=event.decided_by,
                decided_at=event.at,
            )
        )
        session.flush()


def credit_course(event: CourseCompleted) -> UUID | None:
    """Credits a completed course by the rule that holds now. Returns the entry's id, None when it counts already.

    The kind is fixed here: that of the class it was completed for, else self-study. Raises NoRule.
    """
    with unit_of_work() as session:
        rule_id, hours = _worth(session, event.course_id)
        year = count_year(event.at)
        entries, reversals = queries.reversed_rounds(session, event.person_id, COURSE, event.course_id, year)
        if entries > reversals:
            return None
        who = accounts.person(session, event.person_id)
        entry_id = ids.new_id(event.at)
        session.add(
            CreditEntryRow(
                id=entry_id,
                person_id=event.person_id,
                ledger=event.class_kind or Ledger.SELF_STUDY,
                source=COURSE,
                source_id=event.course_id,
                title=catalogue.course_titles(session, [event.course_id])[event.course_id],
                hours=hours,
                rule_id=rule_id,
                earned_at=event.at,
                count_year=year,
                round=entries,
                enrolment_id=event.enrolment_id,
                unit_id=who.unit_id,
                unit_path=who.unit_path,
                reason="",
            )
        )
        session.flush()
        return entry_id


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
        rule_id, hours = _worth(session, entry.source_id)
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


def _worth(session: Session, course_id: UUID) -> tuple[UUID, int]:
    """The rule that holds for a course now, and its hours in hundredths."""
    held = queries.newest_rule(session, course_id)
    if held is None:
        raise NoRule
    duration_ms = sum(length for _, _, length in catalogue.lecture_ids(session, course_id))
    return held.id, hours_for(duration_ms, held.rule)


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
