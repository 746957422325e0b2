"""Tells people something, once each, and remembers what they have read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from lms.infra import jobs
from lms.infra.db import insert_into, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.notices.domain.messages import Message
from lms.notices.events import joined_accounts
from lms.notices.models import NoticeRow

MAIL_JOB = "notices.mail"
MAILS_A_JOB = 50
ROWS_A_STATEMENT = 500


def send(messages: Mapping[UUID, Message], *, now: datetime) -> frozenset[UUID]:
    """Tells each person their message, with the running unit of work; mail follows its commit.

    What concerns an account that was joined to another of the same human goes to the one that stays: nobody signs in to
    the other. Returns the people who got one: who had the message of that kind and key already is left out.
    """
    if not messages:
        return frozenset()
    told: dict[UUID, UUID] = {}
    with unit_of_work() as session:
        for some in _batches(sorted(messages), ROWS_A_STATEMENT):
            kept = _joined(session, some)
            told |= _stored(session, [(kept.get(one, one), messages[one]) for one in some], now)
        for some in _batches(sorted(told), MAILS_A_JOB):
            jobs.enqueue(session, MAIL_JOB, {"notices": [str(one) for one in some]}, now=now)
    return frozenset(told.values())


def _joined(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    answers = joined_accounts.send(session=session, person_ids=person_ids)
    return {gone_id: kept_id for _receiver, found in answers for gone_id, kept_id in found.items()}


def _stored(session: Session, messages: Sequence[tuple[UUID, Message]], now: datetime) -> dict[UUID, UUID]:
    """Stores messages; returns person by the id of each one that is new."""
    rows = [
        {
            "id": ids.new_id(now),
            "person_id": person_id,
            "kind": one.kind,
            "key": one.key,
            "title": one.title,
            "text": one.text,
            "facts": dict(one.facts),
            "link": one.link,
            "created_at": now,
        }
        for person_id, one in messages
    ]
    insert = insert_into(NoticeRow).values(rows)
    found = session.execute(insert.on_conflict_do_nothing().returning(NoticeRow.id, NoticeRow.person_id))
    return {row.id: row.person_id for row in found}


def _batches(wanted: Sequence[UUID], size: int) -> Sequence[list[UUID]]:
    source = iter(wanted)
    return list(iter(lambda: list(islice(source, size)), []))


def open_notice(notice_id: UUID, person_id: UUID, *, now: datetime) -> str:
    """Marks a message of the person as read. Returns where it leads, "" for nowhere. Raises NotFound."""
    with unit_of_work() as session:
        row = session.execute(
            select(NoticeRow.link, NoticeRow.read_at).where(NoticeRow.id == notice_id, NoticeRow.person_id == person_id)
        ).first()
        if row is None:
            raise NotFound
        if row.read_at is None:
            session.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(read_at=now))
    return str(row.link)


def read_all(person_id: UUID, *, until: UUID, now: datetime) -> int:
    """Marks a person's messages up to the message `until` as read: not those that came after the page. Returns how many."""
    with unit_of_work() as session:
        return _changed(
            session,
            update(NoticeRow)
            .where(NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None), NoticeRow.id <= until)
            .values(read_at=now),
        )


def mailed(notice_id: UUID, *, now: datetime) -> None:
    """Notes that a message has left by mail."""
    with unit_of_work() as session:
        session.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(mailed_at=now))


def hand_over(gone_id: UUID, kept_id: UUID) -> None:
    """Gives the messages of one account to the other account of the same human; what both were told stays once."""
    with unit_of_work() as session:
        known = select(NoticeRow.kind, NoticeRow.key).where(NoticeRow.person_id == kept_id, NoticeRow.key != "")
        doubled = {tuple(row) for row in session.execute(known)}
        rows = session.execute(
            select(NoticeRow.id, NoticeRow.kind, NoticeRow.key).where(NoticeRow.person_id == gone_id)
        )
        moving = [row.id for row in rows if (row.kind, row.key) not in doubled]
        for some in _batches(moving, ROWS_A_STATEMENT):
            session.execute(update(NoticeRow).where(NoticeRow.id.in_(some)).values(person_id=kept_id))


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Removes up to `limit` messages that are older. Returns how many."""
    due = select(NoticeRow.id).where(NoticeRow.created_at < before).limit(limit)
    return _changed(session, delete(NoticeRow).where(NoticeRow.id.in_(due)))


def _changed(session: Session, statement: Any) -> int:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return done.rowcount if isinstance(done, CursorResult) else 0
