"""Reminds people who are behind: staff at most once a week, the platform once at each stage before the year's end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.accounts.domain.reach import Staff
from lms.audit import service as audit
from lms.hours.domain.rules import count_year
from lms.infra import jobs
from lms.infra.db import insert_into, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import refuse_numbers
from lms.kernel.permissions import Permission
from lms.notices import service as notices
from lms.notices.domain.messages import Message
from lms.organisations import queries as organisations
from lms.reporting import queries
from lms.reporting.domain import reminders as rules
from lms.reporting.models import HoursReminderRow
from lms.reporting.queries import Sought

ORDER_JOB, STAGE_JOB = "reporting.remind", "reporting.remind-stage"
KIND, LINK = "hours.reminder", "/me/hours"
BATCH = 500
WEEK = timedelta(days=7)
LONGEST = 200
Missing = tuple[UUID, int, int]


def order(sought: Sought, words: str, unit_id: UUID, *, by: Staff, now: datetime) -> None:
    """Has the people of a list who are behind reminded, by a job: `words` come from the unit at whose place they are sent.

    Raises Invalid without words and for words that hold a number: everybody would read it.
    """
    words = words.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(fields={"words": N_("请写明提醒的内容，最多 200 个字")})
    refuse_numbers(words=words)
    with unit_of_work() as session:
        unit = organisations.unit(session, unit_id)
        order_id = ids.new_id(now)
        asked = {**asdict(sought), "standing": "behind"}
        payload = {"sought": asked, "words": words, "unit": unit.name, "by": str(by.person_id)}
        jobs.enqueue(session, ORDER_JOB, payload, now=now, dedup_key=str(order_id))
        audit.record(
            session,
            action="hours.reminded",
            object_type="unit",
            object_id=unit_id,
            actor_id=by.person_id,
            details={"words": words, "category": sought.category, "ledger": sought.ledger},
            now=now,
        )


def remind(payload: Mapping[str, Any], *, now: datetime) -> int:
    """Runs an order: everybody who is behind and was not reminded in the last seven days. Returns how many; twice does no harm."""
    by, asked = UUID(payload["by"]), payload["sought"]
    scopes = tuple(path for path in asked["scopes"] if access.could(by, Permission.HOURS_REMIND, path, now))
    if not scopes:  # who ordered it lost the role meanwhile
        return 0
    sought = Sought(**{**asked, "scopes": scopes})
    today = _today(now)

    def message(person: Missing) -> Message:
        facts = {
            "unit": payload["unit"],
            "words": payload["words"],
            "missing": rules.as_hours(person[1] + person[2]),
            "days": str(rules.days_left(today)),
        }
        return Message(KIND, rules.TITLE, rules.FROM_UNIT, facts, link=LINK)

    return _told(sought, message, stage=None, by=by, now=now)


def queue_stage(stages: Sequence[int], *, now: datetime) -> bool:
    """Asks for the reminder of the stage that is due, once. Returns whether one is due."""
    today = _today(now)
    stage = rules.stage_of(today, stages)
    if stage is None:
        return False
    with unit_of_work() as session:
        payload = {"year": today.year, "stage": stage}
        jobs.enqueue(session, STAGE_JOB, payload, now=now, dedup_key=f"{today.year}-{stage}")
    return True


def remind_stage(year: int, stage: int, *, now: datetime) -> int:
    """Reminds everybody of the nation who is behind in a year, once at each stage. Returns how many."""
    today = _today(now)
    if today.year != year:
        return 0
    with reading() as session:
        root = organisations.national(session)
    if root is None:
        return 0

    def message(person: Missing) -> Message:
        facts = {
            "self": rules.as_hours(person[1]),
            "central": rules.as_hours(person[2]),
            "days": str(rules.days_left(today)),
        }
        text = rules.text_for(person[1], person[2])
        return Message(KIND, rules.TITLE, text, facts, link=LINK, key=f"{year}-{stage}")

    return _told(Sought((root.path,), year, standing="behind"), message, stage=stage, by=None, now=now)


def _told(
    sought: Sought, message: Callable[[Missing], Message], *, stage: int | None, by: UUID | None, now: datetime
) -> int:
    """A batch to a transaction: the row that says so commits with the message."""
    total = 0
    for people in _batches(sought):
        with unit_of_work() as session:
            fresh = _noted(session, [one[0] for one in people], stage, by, now)
            notices.send({one[0]: message(one) for one in people if one[0] in fresh}, now=now)
        total += len(fresh)
    return total


def _batches(sought: Sought) -> Iterator[tuple[Missing, ...]]:
    after: UUID | None = None
    while True:
        with reading() as session:
            people = queries.persons(session, sought, after=after, limit=BATCH)
        if not people:
            return
        yield people
        after = people[-1][0]


def _noted(
    session: Session, person_ids: Sequence[UUID], stage: int | None, by: UUID | None, now: datetime
) -> frozenset[UUID]:
    """Notes who is reminded now; returns them. The unique indexes decide when two jobs run at once."""
    today = _today(now)
    due = set(person_ids) - (_reminded_lately(session, person_ids, now) if stage is None else set())
    if not due:
        return frozenset()
    rows = [
        {
            "id": ids.new_id(now),
            "person_id": person_id,
            "year": count_year(now),
            "week": rules.week_of(today),
            "stage": stage,
            "sent_by": by,
            "sent_at": now,
        }
        for person_id in sorted(due)
    ]
    insert = insert_into(HoursReminderRow).values(rows)
    done = session.execute(insert.on_conflict_do_nothing().returning(HoursReminderRow.person_id))
    return frozenset(done.scalars())


def _reminded_lately(session: Session, person_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    rows = session.execute(
        select(HoursReminderRow.person_id).where(
            HoursReminderRow.person_id.in_(person_ids), HoursReminderRow.sent_at > now - WEEK
        )
    )
    return set(rows.scalars())


def _today(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
