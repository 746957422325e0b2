"""Writes versions of own items; what is written here is a draft, and drafts only are taken away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from lms.infra.db import for_update
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.questionbank.domain.conversion import to_columns
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.models import BankRow, ItemEventRow, ItemPictureRow, ItemPieceRow, ItemTwinRow, ItemVersionRow
from lms.questionbank.service.pictures import keep_pictures

MAY_BE_WRITTEN = frozenset({"draft", "returned"})


def lock_bank(session: Session, bank_code: str) -> None:
    """Lets one at a time write to a bank what another may be about to write too. Raises NotFound."""
    if session.execute(for_update(select(BankRow.code).where(BankRow.code == bank_code))).first() is None:
        raise NotFound


def values_of(item: ExchangeItem) -> dict[str, Any]:
    """What the columns of a version hold of an item."""
    columns = to_columns(item)
    return {
        "type": columns.type,
        "stem": columns.stem,
        "options": [[option.key, option.text] for option in columns.options],
        "answer": list(columns.answer),
        "explanation": columns.explanation,
        "sources": list(columns.sources),
        "knowledge_point": columns.knowledge_point,
        "difficulty": columns.difficulty,
        "is_case": columns.is_case,
        "void_rule": columns.void_rule,
        "valid_until": item.valid_until,
        "content": to_data(item, bytes_elsewhere=True),
        "compared": False,
    }


def add_version(
    session: Session,
    bank_code: str,
    ref: str,
    item: ExchangeItem,
    after: tuple[UUID, int] | None,
    *,
    author_id: UUID | None,
    position: int = 1,
    now: datetime,
) -> UUID:
    """Adds a draft: the version `after` (item, number), or the first of a new item. Returns its id; the caller flushes.

    Raises what `keep_pictures` does.
    """
    version_id = ids.new_id(now)
    item_id, last = after or (version_id, 0)
    session.add(
        ItemVersionRow(
            id=version_id,
            bank_code=bank_code,
            revision_id=None,
            position=position,
            ref=ref,
            state="draft",
            created_at=now,
            item_id=item_id,
            version_no=last + 1,
            author_id=author_id,
            **values_of(item),
        )
    )
    if item.pictures:
        session.flush()
        keep_pictures(session, item_id, version_id, item)
    add_event(session, item_id, version_id, "written", actor_id=author_id, now=now)
    return version_id


def add_event(
    session: Session,
    item_id: UUID,
    version_id: UUID,
    action: str,
    *,
    actor_id: UUID | None,
    level: str | None = None,
    round: int = 0,
    content_hash: str = "",
    comment: str = "",
    now: datetime,
) -> None:
    """Adds a line to what happened to a version; the caller flushes."""
    session.add(
        ItemEventRow(
            id=ids.new_id(now),
            item_id=item_id,
            version_id=version_id,
            action=action,
            level=level,
            round=round,
            actor_id=actor_id,
            content_hash=content_hash,
            comment=comment,
            at=now,
        )
    )


def forget_likeness(session: Session, version_ids: Sequence[UUID]) -> None:
    """Takes versions out of the index of what is alike."""
    session.execute(delete(ItemPieceRow).where(ItemPieceRow.version_id.in_(version_ids)))
    session.execute(
        delete(ItemTwinRow).where(or_(ItemTwinRow.version_id.in_(version_ids), ItemTwinRow.other_id.in_(version_ids)))
    )


def discard(session: Session, version_ids: Sequence[UUID]) -> None:
    """Takes drafts away; a trigger keeps everything else."""
    if version_ids:
        forget_likeness(session, version_ids)
        session.execute(delete(ItemPictureRow).where(ItemPictureRow.version_id.in_(version_ids)))
        session.execute(delete(ItemVersionRow).where(ItemVersionRow.id.in_(version_ids)))
        session.flush()
