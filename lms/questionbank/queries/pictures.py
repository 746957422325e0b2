"""Reads the bytes of pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.kernel.errors import NotFound
from lms.questionbank.domain.exchange import ExchangeItem, Picture
from lms.questionbank.models import ItemPictureRow


def picture(session: Session, version_id: UUID, pictures: Sequence[Picture], number: int) -> bytes:
    """The bytes of a version's picture by its number, from 1. One statement. Raises NotFound for a number that it has not."""
    if not 1 <= number <= len(pictures):
        raise NotFound
    found = session.execute(
        select(ItemPictureRow.content).where(
            ItemPictureRow.version_id == version_id, ItemPictureRow.digest == pictures[number - 1].digest
        )
    ).scalar()
    if found is None:
        raise NotFound
    return found


def with_bytes(session: Session, items: Mapping[UUID, ExchangeItem]) -> dict[UUID, ExchangeItem]:
    """Items by version with the bytes of their pictures. One statement, none when there are no pictures."""
    pictured = [version_id for version_id, item in items.items() if item.pictures]
    if not pictured:
        return dict(items)
    rows = session.execute(
        select(ItemPictureRow.version_id, ItemPictureRow.digest, ItemPictureRow.content).where(
            ItemPictureRow.version_id.in_(pictured)
        )
    )
    held = {(row.version_id, row.digest): row.content for row in rows}
    return {
        version_id: replace(
            item,
            pictures=tuple(replace(one, data=held.get((version_id, one.digest), b"")) for one in item.pictures),
        )
        for version_id, item in items.items()
    }
