"""Writes what a completed course earns into the ledger: at once, or on the day that a daily cap leaves room for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.hours import queries
from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import Ledger
from lms.hours.models import CreditEntryRow, DeferredHoursRow
from lms.hours.service.fixing import worth
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.learning.events import CourseCompleted

COURSE = "course"
_AT_A_TIME = 500


def credit_course(event: CourseCompleted, *, a_day: int = 0) -> UUID | None:
    """Credits a completed course by the rule that holds now. Returns the entry's id, None when it counts already or waits.

    What a joined account completes (a sheet that is signed later) is the person's whose account stays.

    The kind is fixed here: that of the class it was completed for, else self-study. Self-study beyond `a_day` hundredths
    (0: no bound) waits for the next day with room. Raises NoRule.
    """
    with unit_of_work() as session:
        rule_id, hours = worth(session, event.course_id)
        person_id = accounts.held_kept_id(session, event.person_id)
        round_ = _next_round(session, person_id, event.course_id, event.at)
        if round_ is None:
            return None
        who = accounts.person(session, person_id)
        facts = {
            "person_id": person_id,
            "hours": hours,
            "rule_id": rule_id,
            "enrolment_id": event.enrolment_id,
            "unit_id": who.unit_id,
            "unit_path": who.unit_path,
        }
        ledger = event.class_kind or Ledger.SELF_STUDY
        if a_day and ledger == Ledger.SELF_STUDY and _put_off(session, event, facts, a_day):
            return None
        return _store(session, event.course_id, event.at, ledger, facts | {"round": round_}, now=event.now)


def credit_deferred(*, now: datetime) -> int:
    """Credits what waited for today. Returns how many were settled. One person's hours to a commit; harmless twice."""
    today = now.astimezone(SHANGHAI).date()
    with reading() as session:
        found = queries.due(session, today, limit=_AT_A_TIME)
    return sum(_settle(deferred_id, now=now) for deferred_id in found)


def _settle(deferred_id: UUID, *, now: datetime) -> bool:
    with unit_of_work() as session:
        one = session.execute(
            for_update(select(DeferredHoursRow).where(DeferredHoursRow.id == deferred_id))
        ).scalar_one()
        if one.settled_at is not None:
            return False
        facts = {name: getattr(one, name) for name in ("hours", "rule_id", "enrolment_id", "unit_id", "unit_path")}
        facts["person_id"] = accounts.held_kept_id(session, one.person_id)  # it may have been joined while it waited
        round_ = _next_round(session, facts["person_id"], one.course_id, one.completed_at)
        if round_ is not None:
            facts["round"] = round_
            one.entry_id = _store(session, one.course_id, one.completed_at, Ledger.SELF_STUDY, facts, now=now)
        one.settled_at = now
        session.flush()
        return True


def _put_off(session: Session, event: CourseCompleted, facts: dict[str, Any], a_day: int) -> bool:
    """Lets the hours wait when today has no room for them; the person is locked, for two courses may end at once."""
    accounts.lock_person(session, facts["person_id"])
    day = queries.put_off_until(session, facts["person_id"], facts["hours"], a_day=a_day, now=event.at)
    if day is None:
        return False
    waits = select(DeferredHoursRow.id).where(
        DeferredHoursRow.person_id == facts["person_id"],
        DeferredHoursRow.course_id == event.course_id,
        DeferredHoursRow.settled_at.is_(None),
    )
    if session.execute(waits).first() is None:
        session.add(
            DeferredHoursRow(
                id=ids.new_id(event.now),
                course_id=event.course_id,
                completed_at=event.at,
                credit_on=day,
                settled_at=None,
                entry_id=None,
                **facts,
            )
        )
        session.flush()
    return True


def _next_round(session: Session, person_id: UUID, course_id: UUID, at: datetime) -> int | None:
    """How many rounds the course has behind it in its year; None while one of them stands."""
    entries, reversals = queries.reversed_rounds(session, person_id, COURSE, course_id, count_year(at))
    return None if entries > reversals else entries


def _store(
    session: Session, course_id: UUID, completed_at: datetime, ledger: str, facts: dict[str, Any], *, now: datetime
) -> UUID:
    entry_id = ids.new_id(now)
    session.add(
        CreditEntryRow(
            id=entry_id,
            ledger=ledger,
            source=COURSE,
            source_id=course_id,
            title=catalogue.course_titles(session, [course_id])[course_id],
            earned_at=completed_at,
            count_year=count_year(completed_at),
            reason="",
            **facts,
        )
    )
    session.flush()
    return entry_id
