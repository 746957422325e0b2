"""Reads banks as staff see them: which ones are within reach, and what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.questionbank.models import BankRow, ItemVersionRow
from lms.questionbank.queries.items import ON_THEIR_WAY

NAME: ColumnElement[str] = func.coalesce(func.nullif(BankRow.title, ""), BankRow.code)
"""What a bank is called: before its course is public it has no title, and its code stands for it."""


@dataclass(frozen=True)
class Bank:
    """A bank and how many items of it stand in each state; `title` is its code while it has none."""

    code: str
    title: str
    kind: str
    unit_name: str
    published: int
    drafts: int
    unit_path: str


def banks(
    session: Session,
    scopes: Iterable[str],
    *,
    after: str | None = None,
    code: str | None = None,
    counted: bool = True,
    limit: int,
) -> tuple[Bank, ...]:
    """Banks of the units within `scopes`, by code, from behind `after` on; or the one with `code`.

    Two statements; one, and no figures, unless `counted`: they cost a look at every item.
    """
    reached = (
        select(BankRow.code, NAME.label("title"), BankRow.kind, UnitRow.name.label("unit_name"), UnitRow.path)
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
    held = _held(session, [row.code for row in found]) if counted else {}
    return tuple(
        Bank(row.code, row.title, row.kind, row.unit_name, *held.get(row.code, (0, 0)), row.path) for row in found
    )


def unit_id(session: Session, code: str) -> UUID | None:
    """The unit that a bank belongs to; None for a bank of no unit, and for none."""
    return session.execute(select(BankRow.unit_id).where(BankRow.code == code)).scalar()


def unit_path(session: Session, code: str) -> str | None:
    """The path of the unit that a bank belongs to; None for a bank of no unit, and for none."""
    return session.execute(
        select(UnitRow.path).join(BankRow, BankRow.unit_id == UnitRow.id).where(BankRow.code == code)
    ).scalar()


def _held(session: Session, codes: list[str]) -> dict[str, tuple[int, int]]:
    """(published, own items on their way) by bank."""
    published = func.count().filter(ItemVersionRow.state == "published")
    drafts = func.count().filter(ItemVersionRow.revision_id.is_(None), ItemVersionRow.state.in_(ON_THEIR_WAY))
    rows = session.execute(
        select(ItemVersionRow.bank_code, published, drafts)
        .where(ItemVersionRow.bank_code.in_(codes))
        .group_by(ItemVersionRow.bank_code)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def bank(session: Session, code: str, scopes: Iterable[str]) -> Bank:
    """One bank within reach, without figures. Raises NotFound, for a foreign one as for none."""
    for found in banks(session, scopes, code=code, counted=False, limit=1):
        return found
    raise NotFound
