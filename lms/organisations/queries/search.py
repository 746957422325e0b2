"""Finds units by a part of the name, its pinyin or initials, or the unified social credit code; every way has its index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, literal, select, union, union_all
from sqlalchemy.orm import Session

from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.domain import names, uscc
from lms.organisations.models import UnitRow, UnitTermRow
from lms.organisations.queries import tree
from lms.organisations.queries.tree import COLUMNS, Unit

LAST = "\U0010ffff"
CANDIDATES = 100
"""Of a text that fits very many names, this many of each tier are looked at; a longer one finds the others."""


@dataclass(frozen=True)
class Suggestion:
    """A unit that a person may choose, and the name of what stands above it."""

    id: UUID
    name: str
    parent: str
    kind: str


def search(
    session: Session,
    text: str,
    scopes: tuple[str, ...],
    *,
    kinds: Sequence[str] = (),
    after: UUID | None = None,
    limit: int = 50,
) -> tuple[Unit, ...]:
    """Units in the scopes that a text names, by pinyin; `kinds` limits them to open ones of these kinds.

    Two statements at most; `after` is the last one of the page before.
    """
    plain = names.folded(text)
    if not plain:
        return ()
    ways = [select(UnitTermRow.unit_id).where(*_range(UnitTermRow.term, plain[: names.TERM]))]
    ways += [select(UnitRow.id.label("unit_id")).where(*condition) for condition in _other_ways(text, plain)]
    statement = select(*COLUMNS).where(UnitRow.id.in_(union(*ways)), within(UnitRow.path, scopes))
    if kinds:
        statement = statement.where(UnitRow.state == "open", UnitRow.kind.in_(kinds))
    return tree.page(session, statement, after=after, limit=limit)


def suggestions(session: Session, text: str, *, kinds: Sequence[str], limit: int = 20) -> tuple[Suggestion, ...]:
    """Open units of some kinds that a text names: unions before units, names that begin with it first, then the shorter ones.

    One statement, whose work is bounded however many names fit.
    """
    plain = names.folded(text)
    if not plain:
        return ()
    parent = UnitRow.__table__.alias("parent")
    fitting = _candidates(text, plain)
    statement = (
        select(UnitRow.id, UnitRow.name, func.coalesce(parent.c.name, "").label("parent"), UnitRow.kind)
        .join(fitting, fitting.c.unit_id == UnitRow.id)
        .outerjoin(parent, parent.c.id == UnitRow.parent_id)
        .where(UnitRow.state == "open", UnitRow.kind.in_(kinds))
        .order_by(fitting.c.tier, func.length(UnitRow.path), func.length(UnitRow.name), UnitRow.name_key, UnitRow.id)
        .limit(limit)
    )
    return tuple(Suggestion(*row) for row in session.execute(statement))


def suggestion(session: Session, unit_id: UUID, *, kinds: Sequence[str]) -> Suggestion:
    """One open unit of some kinds, as a choice. Raises NotFound."""
    found = tree.units(session, [unit_id]).get(unit_id)
    if found is None or found.state != "open" or found.kind not in kinds:
        raise NotFound
    parent = tree.unit(session, found.parent_id).name if found.parent_id else ""
    return Suggestion(found.id, found.name, parent, found.kind)


def _candidates(text: str, plain: str) -> Subquery:
    """Ids that a text may mean with their best tier, up to CANDIDATES of each tier and each other way."""
    ways = [
        select(UnitTermRow.unit_id, UnitTermRow.tier)
        .where(UnitTermRow.tier == tier, *_range(UnitTermRow.term, plain[: names.TERM]))
        .order_by(UnitTermRow.term)
        for tier in names.TIERS
    ]
    middle = literal(names.tier_of(0, union=False)).label("tier")
    ways += [select(UnitRow.id.label("unit_id"), middle).where(*condition) for condition in _other_ways(text, plain)]
    parts = (way.limit(CANDIDATES).subquery() for way in ways)
    every = union_all(*(select(part.c.unit_id, part.c.tier) for part in parts)).subquery()
    return select(every.c.unit_id, func.min(every.c.tier).label("tier")).group_by(every.c.unit_id).subquery()


def _other_ways(text: str, plain: str) -> Iterator[tuple[Any, ...]]:
    """Conditions under which a unit fits by its pinyin, its initials or its code."""
    if not plain.isascii():
        return
    yield _range(UnitRow.name_key, plain)
    yield _range(UnitRow.initials, plain)
    code = uscc.tidy(text)
    if len(code) == uscc.LENGTH:
        yield (UnitRow.uscc == code,)


def _range(column: Any, beginning: str) -> tuple[Any, Any]:
    """Bounds between which a column begins with a text; an index with byte order serves them on both databases."""
    return column >= beginning, column < beginning + LAST
