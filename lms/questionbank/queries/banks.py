"""Reads banks as staff see them: which ones are within reach, and what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.questionbank.models import BankRow, ItemVersionRow


@dataclass(frozen=True)
class Bank:
    """A bank and how many items of it stand in each state."""

    code: str
    title: str
    kind: str
    unit_name: str
    published: int
    drafts: int


@dataclass(frozen=True)
class ItemLine:
    """An item as a list shows it."""

    id: UUID
    ref: str
    type: str
    stem: str
    knowledge_point: str
    difficulty: int
    state: str
    created_at: datetime


def banks(
    session: Session, scopes: Iterable[str], *, after: str | None = None, code: str | None = None, limit: int
) -> tuple[Bank, ...]:
    """Banks of the units within `scopes`, by code, from behind `after` on; or the one with `code`. Two statements."""
    reached = (
        select(BankRow.code, BankRow.title, BankRow.kind, UnitRow.name.label("unit_name"))
        .join(UnitRow, UnitRow.id == BankRow.unit_id)
        .where(within(UnitRow.path, scopes))
        .order_by(BankRow.code)
        .limit(limit)
    )
    if after is not None:
        reached = reached.where(BankRow.code > after)
    if code is not None:
        reached = reached.where(BankRow.code == code)
    found = session.execute(reached).all()
    held = _held(session, [row.code for row in found])
    return tuple(Bank(row.code, row.title, row.kind, row.unit_name, *held.get(row.code, (0, 0))) for row in found)


def _held(session: Session, codes: list[str]) -> dict[str, tuple[int, int]]:
    """(published, imported drafts) by bank."""
    published = func.count().filter(ItemVersionRow.state == "published")
    drafts = func.count().filter(ItemVersionRow.revision_id.is_(None))
    rows = session.execute(
        select(ItemVersionRow.bank_code, published, drafts)
        .where(ItemVersionRow.bank_code.in_(codes))
        .group_by(ItemVersionRow.bank_code)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def bank(session: Session, code: str, scopes: Iterable[str]) -> Bank:
    """One bank within reach. Raises NotFound, for a foreign one as for none."""
    for found in banks(session, scopes, code=code, limit=1):
        return found
    raise NotFound


def item_lines(
    session: Session,
    bank_code: str,
    *,
    state: str | None = None,
    item_type: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> tuple[ItemLine, ...]:
    """Items of a bank, the newest first, those behind `after`; drafts of lectures belong to their authors and are left out."""
    shown = or_(ItemVersionRow.state == "published", ItemVersionRow.revision_id.is_(None))
    conditions: list[ColumnElement[bool]] = [ItemVersionRow.bank_code == bank_code, shown]
    if state is not None:
        conditions.append(ItemVersionRow.state == state)
    if item_type is not None:
        conditions.append(ItemVersionRow.type == item_type)
    if after is not None:
        moment, item_id = after
        conditions.append(
            or_(
                ItemVersionRow.created_at < moment,
                and_(ItemVersionRow.created_at == moment, ItemVersionRow.id < item_id),
            )
        )
    rows = session.execute(
        select(
            ItemVersionRow.id,
            ItemVersionRow.ref,
            ItemVersionRow.type,
            ItemVersionRow.stem,
            ItemVersionRow.knowledge_point,
            ItemVersionRow.difficulty,
            ItemVersionRow.state,
            ItemVersionRow.created_at,
        )
        .where(*conditions)
        .order_by(ItemVersionRow.created_at.desc(), ItemVersionRow.id.desc())
        .limit(limit)
    )
    return tuple(ItemLine(*row) for row in rows)
