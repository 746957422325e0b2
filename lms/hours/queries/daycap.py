"""Reads what the daily cap looks at: a person's self-study hours by the day they were or will be credited on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.queries import aliases
from lms.catalogue.models import CourseRow
from lms.hours.domain.daycap import day_of_credit
from lms.hours.domain.targets import Ledger
from lms.hours.models import CreditEntryRow, DeferredHoursRow
from lms.kernel.clock import SHANGHAI

SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """Hours (hundredths) of a course that will be credited on a later day."""

    title: str
    hours: int
    completed_at: datetime
    credit_on: date


def taken_by_day(session: Session, person_id: UUID, today: date) -> Mapping[date, int]:
    """Standing self-study hours of courses by their day of credit, from today on, in hundredths. Two statements."""
    began = datetime.combine(today, time(), SHANGHAI).astimezone(UTC)
    taken_back = aliased(CreditEntryRow)
    at_once = session.execute(
        select(func.sum(CreditEntryRow.hours))
        .outerjoin(taken_back, taken_back.reversal_of == CreditEntryRow.id)
        .outerjoin(DeferredHoursRow, DeferredHoursRow.entry_id == CreditEntryRow.id)
        .where(
            CreditEntryRow.person_id.in_(aliases(person_id)),
            CreditEntryRow.ledger == Ledger.SELF_STUDY,
            CreditEntryRow.source == "course",
            CreditEntryRow.reversal_of.is_(None),
            CreditEntryRow.earned_at >= began,
            taken_back.id.is_(None),
            DeferredHoursRow.id.is_(None),
        )
    ).scalar()
    taken = Counter({today: int(at_once or 0)})
    put_off = session.execute(
        select(DeferredHoursRow.credit_on, func.sum(DeferredHoursRow.hours))
        .where(DeferredHoursRow.person_id.in_(aliases(person_id)), DeferredHoursRow.credit_on >= today)
        .group_by(DeferredHoursRow.credit_on)
    )
    for day, hours in put_off:
        taken[day] += int(hours)
    return taken


def put_off_until(session: Session, person_id: UUID, hours: int, *, a_day: int, now: datetime) -> date | None:
    """The later day on which self-study hours earned now would be credited; None when it is today. `a_day` is the cap."""
    today = now.astimezone(SHANGHAI).date()
    if not a_day:
        return None
    day = day_of_credit(taken_by_day(session, person_id, today), hours, a_day, today)
    return day if day > today else None


def waiting(session: Session, person_id: UUID) -> tuple[Waiting, ...]:
    """What waits for its day, the nearest first."""
    rows = session.execute(
        select(CourseRow.title, DeferredHoursRow.hours, DeferredHoursRow.completed_at, DeferredHoursRow.credit_on)
        .join(CourseRow, CourseRow.id == DeferredHoursRow.course_id)
        .where(DeferredHoursRow.person_id.in_(aliases(person_id)), DeferredHoursRow.settled_at.is_(None))
        .order_by(DeferredHoursRow.credit_on, DeferredHoursRow.id)
        .limit(SHOWN)
    )
    return tuple(Waiting(*row) for row in rows)


def due(session: Session, today: date, *, limit: int) -> tuple[UUID, ...]:
    """What waits for today or an earlier day, the oldest first."""
    rows = session.execute(
        select(DeferredHoursRow.id)
        .where(DeferredHoursRow.settled_at.is_(None), DeferredHoursRow.credit_on <= today)
        .order_by(DeferredHoursRow.credit_on, DeferredHoursRow.id)
        .limit(limit)
    )
    return tuple(rows.scalars())


def deferred_courses(session: Session, people: Sequence[UUID]) -> frozenset[tuple[UUID, UUID]]:
    """(person, course) of what waits."""
    rows = session.execute(
        select(DeferredHoursRow.person_id, DeferredHoursRow.course_id).where(
            DeferredHoursRow.person_id.in_(people), DeferredHoursRow.settled_at.is_(None)
        )
    )
    return frozenset((row[0], row[1]) for row in rows)
