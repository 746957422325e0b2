"""Messages to people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_UNREAD = text("read_at IS NULL")
_KEYED = text("key <> ''")


class NoticeRow(Model):
    """A message to one person; `title` and `text` are source sentences whose placeholders `facts` fill."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("link = '' OR link LIKE '/%'", name="link"),
        Index("ix_notice_person_id_id", "person_id", "id"),
        Index("ix_notice_unread", "person_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("uq_notice_key", "person_id", "kind", "key", unique=True, sqlite_where=_KEYED, postgresql_where=_KEYED),
        Index("ix_notice_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # begins with the time of creation: lists go by it
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(400))
    facts: Mapped[Any] = mapped_column(Json)
    link: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant)
