"""Writes rules and ledger entries; both are append-only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.catalogue.events import LecturePublished
from lms.hours import queries
from lms.hours.domain.rules import count_year, hours_for
from lms.hours.domain.targets import Ledger
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.learning.events import CourseCompleted

COURSE = "course"


class AlreadyReversed(Conflict):
    """An entry is taken back once."""

    code, title = "already_reversed", N_("这条学时记录已被冲正，或本身就是冲正记录")


class NoRule(Conflict):
    """A course without a rule can't be credited; publishing fixes one."""

    code, title = "no_rule", N_("课程尚未核定学时")


def fix_rule(event: LecturePublished) -> None:
    """Stores what the reviewers fixed for the course as a new version, unless it is what holds already."""
    with unit_of_work() as session:
        held = queries.newest_rule(session, event.course_id)
        if held is not None and held.rule.hours == event.course_hours:
            return
        session.add(
            HoursRuleRow(
                id=ids.new_id(event.at),
                course_id=event.course_id,
                version=held.rule.version + 1 if held else 1,
                kind="fixed",
                parameters={"hours": event.course_hours},
                revision_id=event.revision_id,
                decided_by=event.decided_by,
                decided_at=event.at,
            )
        )
        session.flush()


def credit_course(event: CourseCompleted) -> UUID | None:
    """Credits a completed course by the rule that holds now. Returns the entry's id, None when it counts already this year.

    The kind is fixed here: that of the class it was completed for, else self-study. Raises NoRule.
    """
    with unit_of_work() as session:
        held = queries.newest_rule(session, event.course_id)
        if held is None:
            raise NoRule
        year = count_year(event.at)
        entries, reversals = queries.reversed_rounds(session, event.person_id, COURSE, event.course_id, year)
        if entries > reversals:
            return None
        who = accounts.person(session, event.person_id)
        duration_ms = sum(length for _, _, length in catalogue.lecture_ids(session, event.course_id))
        entry_id = ids.new_id(event.at)
        session.add(
            CreditEntryRow(
                id=entry_id,
                person_id=event.person_id,
                ledger=event.class_kind or Ledger.SELF_STUDY,
                source=COURSE,
                source_id=event.course_id,
                title=catalogue.course_titles(session, [event.course_id])[event.course_id],
                hours=hours_for(duration_ms, held.rule),
                rule_id=held.id,
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
    if not reason.strip():
        raise Invalid(fields={"reason": N_("请写明冲正的理由")})
    with unit_of_work() as session:
        entry = session.execute(select(CreditEntryRow).where(CreditEntryRow.id == entry_id)).scalar()
        if entry is None:
            raise NotFound
        taken_back = session.execute(select(CreditEntryRow.id).where(CreditEntryRow.reversal_of == entry_id)).first()
        if entry.reversal_of is not None or taken_back is not None:
            raise AlreadyReversed
        reversal_id = ids.new_id(now)
        session.add(
            CreditEntryRow(
                id=reversal_id,
                person_id=entry.person_id,
                ledger=entry.ledger,
                source=entry.source,
                source_id=entry.source_id,
                title=entry.title,
                hours=-entry.hours,
                rule_id=entry.rule_id,
                earned_at=now,
                count_year=entry.count_year,
                round=entry.round,
                enrolment_id=entry.enrolment_id,
                unit_id=entry.unit_id,
                unit_path=entry.unit_path,
                reversal_of=entry_id,
                reason=reason.strip()[:200],
                actor_id=actor_id,
            )
        )
        session.flush()
        audit.record(
            session,
            action="hours.reversed",
            object_type="credit_entry",
            object_id=entry_id,
            actor_id=actor_id,
            details={"reason": reason, "hours": entry.hours},
            now=now,
        )
        return reversal_id
