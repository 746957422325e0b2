"""Reads a person's messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.notices.models import NoticeRow

COUNTED = 100
"""Unread messages are counted up to so many: a mark in the header says no more."""


@dataclass(frozen=True)
class Notice:
    """A message as it was told: `title` and `text` are source sentences, `facts` fill their placeholders."""

    id: UUID
    person_id: UUID
    kind: str
    title: str
    text: str
    facts: Mapping[str, str]
    link: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Some messages, the newest first, and whether older ones follow."""

    notices: tuple[Notice, ...]
    more: bool


_NOTICE = (
    NoticeRow.id,
    NoticeRow.person_id,
    NoticeRow.kind,
    NoticeRow.title,
    NoticeRow.text,
    NoticeRow.facts,
    NoticeRow.link,
    NoticeRow.created_at,
    NoticeRow.read_at,
)


def page(session: Session, person_id: UUID, *, after: UUID | None = None, limit: int = 20) -> Page:
    """A person's messages, those older than the message `after`; one statement."""
    statement = select(*_NOTICE).where(NoticeRow.person_id == person_id)
    if after is not None:
        statement = statement.where(NoticeRow.id < after)
    rows = session.execute(statement.order_by(NoticeRow.id.desc()).limit(limit + 1)).all()
    return Page(tuple(Notice(*row) for row in rows[:limit]), len(rows) > limit)


def unread(person_id: InstrumentedAttribute[UUID]) -> ScalarSelect[int]:
    """How many messages the person of a statement's row has not read, up to COUNTED: a part of that statement."""
    some = (
        select(NoticeRow.id)
        .where(NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None))
        .limit(COUNTED)
        .correlate(person_id.class_)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def unmailed(session: Session, notice_ids: Sequence[UUID]) -> tuple[Notice, ...]:
    """Those of some messages that were neither sent by mail nor read yet."""
    rows = session.execute(
        select(*_NOTICE)
        .where(NoticeRow.id.in_(notice_ids), NoticeRow.mailed_at.is_(None), NoticeRow.read_at.is_(None))
        .order_by(NoticeRow.id)
    )
    return tuple(Notice(*row) for row in rows)


def all_of(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """A person's messages as plain data, for their copy of what is kept of them."""
    rows = session.execute(select(*_NOTICE).where(NoticeRow.person_id == person_id).order_by(NoticeRow.id.desc()))
    return [
        {
            "kind": row.kind,
            "title": row.title,
            "text": row.text,
            "facts": row.facts,
            "at": row.created_at,
            "read_at": row.read_at,
        }
        for row in rows
    ]
