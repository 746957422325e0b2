"""Reads the items of a bank as a list that is searched, filtered and gone through, each item by its newest version."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.domain.knowledge import Point, tree
from lms.questionbank.models import ItemFlagRow, ItemSignalRow, ItemVersionRow, KnowledgePointRow
from lms.questionbank.queries.items import no_lectures_draft

SOON = timedelta(days=60)
"""An item is to be looked at so long before it is no longer valid: a new version takes weeks to be reviewed."""


@dataclass(frozen=True)
class ItemFilter:
    """What a list is limited to; None and what is empty limit nothing."""

    text: str = ""
    type: str | None = None
    state: str | None = None
    knowledge_points: tuple[str, ...] = ()
    difficulty: int | None = None
    flagged: bool = False
    signalled: bool = False


@dataclass(frozen=True)
class ItemLine:
    """An item as a list shows it; `flag` is why it has to be looked at, `signals` what its statistics say."""

    id: UUID
    item_id: UUID
    ref: str
    version_no: int
    type: str
    stem: str
    knowledge_point: str
    difficulty: int
    state: str
    valid_until: date | None
    flag: str | None
    created_at: datetime
    signals: tuple[Signal, ...]


def item_lines(
    session: Session,
    bank_code: str,
    wanted: ItemFilter,
    *,
    today: date,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> tuple[ItemLine, ...]:
    """Items of a bank, the newest first, those behind `after`; drafts of lectures belong to their authors and are left out.

    One statement, along the index of bank and time.
    """
    found = _lines(bank_code, wanted, today=today).order_by(ItemVersionRow.created_at.desc(), ItemVersionRow.id.desc())
    if after is not None:
        moment, version_id = after
        found = found.where(
            or_(
                ItemVersionRow.created_at < moment,
                and_(ItemVersionRow.created_at == moment, ItemVersionRow.id < version_id),
            )
        )
    return tuple(_line(*row) for row in session.execute(found.limit(limit)))


def _line(*row: Any) -> ItemLine:
    facts, signals = row[:-1], row[-1]
    return ItemLine(*(*facts, tuple(map(Signal, signals or ()))))


def newest_only() -> ColumnElement[bool]:
    """The version is the newest of its item that a list may show."""
    newer = aliased(ItemVersionRow)
    return ~exists().where(
        newer.item_id == ItemVersionRow.item_id,
        newer.version_no > ItemVersionRow.version_no,
        no_lectures_draft(newer),
    )


def knowledge_points(session: Session, bank_code: str) -> tuple[Point, ...]:
    """The tree of a bank's knowledge points: those that may be chosen and those that items have. Two statements."""
    named = session.execute(select(KnowledgePointRow.path).where(KnowledgePointRow.bank_code == bank_code))
    counts = dict.fromkeys(named.scalars(), 0)
    used = session.execute(
        select(ItemVersionRow.knowledge_point, func.count())
        .where(ItemVersionRow.bank_code == bank_code, no_lectures_draft())
        .group_by(ItemVersionRow.knowledge_point)
    )
    for path, count in used:
        counts[path] = counts.get(path, 0) + count
    return tree(counts)


def _lines(bank_code: str, wanted: ItemFilter, *, today: date) -> Select[*tuple[Any, ...]]:
    flag = (
        select(ItemFlagRow.reason)
        .where(ItemFlagRow.item_id == ItemVersionRow.item_id, ItemFlagRow.settled_at.is_(None))
        .scalar_subquery()
    )
    drawn = aliased(ItemVersionRow)
    signalled = (
        select(ItemSignalRow.flags)
        .join(drawn, drawn.id == ItemSignalRow.item_version_id)
        .where(drawn.state == "published", ItemSignalRow.settled_at.is_(None))
    )
    conditions: list[ColumnElement[bool]] = [
        ItemVersionRow.bank_code == bank_code,
        no_lectures_draft(),
        newest_only(),
    ]
    if wanted.text:
        holds = (one.contains(wanted.text, autoescape=True) for one in (ItemVersionRow.stem, ItemVersionRow.ref))
        conditions.append(or_(*holds))
    if wanted.type:
        conditions.append(ItemVersionRow.type == wanted.type)
    if wanted.state:
        conditions.append(ItemVersionRow.state == wanted.state)
    if wanted.knowledge_points:
        conditions.append(ItemVersionRow.knowledge_point.in_(wanted.knowledge_points))
    if wanted.difficulty:
        conditions.append(ItemVersionRow.difficulty == wanted.difficulty)
    if wanted.flagged:
        flagged = select(ItemFlagRow.item_id).where(
            ItemFlagRow.bank_code == bank_code, ItemFlagRow.settled_at.is_(None)
        )
        ending = aliased(ItemVersionRow)
        conditions.append(
            ItemVersionRow.item_id.in_(
                flagged.union_all(
                    select(ending.item_id).where(ending.bank_code == bank_code, ending.valid_until <= today + SOON)
                )
            )
        )
    if wanted.signalled:
        conditions.append(
            ItemVersionRow.item_id.in_(signalled.with_only_columns(drawn.item_id).where(drawn.bank_code == bank_code))
        )
    return select(
        ItemVersionRow.id,
        ItemVersionRow.item_id,
        ItemVersionRow.ref,
        ItemVersionRow.version_no,
        ItemVersionRow.type,
        ItemVersionRow.stem,
        ItemVersionRow.knowledge_point,
        ItemVersionRow.difficulty,
        ItemVersionRow.state,
        ItemVersionRow.valid_until,
        flag,
        ItemVersionRow.created_at,
        signalled.where(drawn.item_id == ItemVersionRow.item_id)
        .order_by(drawn.version_no.desc())
        .limit(1)
        .scalar_subquery(),
    ).where(*conditions)
