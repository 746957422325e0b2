"""Keeps what the figures of exams say of items, so that it goes back to those who write for the bank."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.models import ItemSignalRow


def keep_signals(
    session: Session, found: Mapping[UUID, tuple[Signal, ...]], *, now: datetime
) -> dict[UUID, tuple[Signal, ...]]:
    """Stores the signals of versions in place of those that they had. Returns the new ones by version.

    Keeping the same ones again changes nothing, so what somebody has settled stays settled until something new is found.
    """
    rows = session.execute(select(ItemSignalRow).where(ItemSignalRow.item_version_id.in_(found))).scalars()
    before = {row.item_version_id: row for row in rows}
    fresh: dict[UUID, tuple[Signal, ...]] = {}
    for version_id, signals in found.items():
        row = before.get(version_id)
        known = row.flags if row else []
        fresh[version_id] = tuple(one for one in signals if one not in known)
        if row is None and signals:
            session.add(ItemSignalRow(item_version_id=version_id, flags=[*signals], made_at=now))
        elif row is not None and signals and known != [*signals]:
            row.flags, row.made_at = [*signals], now
            row.settled_at = None if fresh[version_id] else row.settled_at
    over = [version_id for version_id in before if not found[version_id]]
    session.execute(delete(ItemSignalRow).where(ItemSignalRow.item_version_id.in_(over)))
    return {version_id: signals for version_id, signals in fresh.items() if signals}
