"""The one way to limit a query to subtrees of the tree of unions, and to follow subtrees that move."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from lms.kernel import scope


def within(path: InstrumentedAttribute[str] | ColumnElement[str], scopes: Iterable[str]) -> ColumnElement[bool]:
    """The condition that `path` is one of the units at `scopes` or lies below; no scope reaches nothing.

    Each scope becomes a half-open range of a SortKey column, which is compared byte by byte: "/a/" <= path < "/a0",
    since "0" follows "/". An index on the column serves it, at the root and at a leaf alike, where LIKE would not.
    """
    return or_(false(), *(and_(path >= low, path < f"{low[:-1]}0") for low in scope.outermost(scopes)))


def listed_within(path: InstrumentedAttribute[str], reach: Iterable[str]) -> ColumnElement[bool]:
    """The same for long lists in an order of their own, over paths that lie in no other one.

    The bounds stand in the statement itself: how many rows lie between them differs by a factor of a million, and a plan
    made for any bounds would sort the whole nation. The root needs no bounds at all.
    """
    paths = tuple(reach)
    if any(one.count("/") == 2 for one in paths):
        return path != ""
    return or_(false(), *(between(path, one, f"{one[:-1]}0") for one in paths))


def between(column: InstrumentedAttribute[str], low: str, high: str) -> ColumnElement[bool]:
    """The condition that a column lies from `low` to before `high`, with both bounds in the statement itself."""
    first, end = (bindparam(None, value, column.type, unique=True, literal_execute=True) for value in (low, high))
    return and_(column >= first, column < end)


def moved(
    path: InstrumentedAttribute[str] | ColumnElement[str], moves: Iterable[tuple[str, str]]
) -> ColumnElement[str]:
    """What `path` becomes when subtrees move from the first path of a pair to its second; of several the nearest counts."""
    longest_first = sorted(moves, key=lambda pair: -len(pair[0]))
    return case(
        *((within(path, [old]), new + func.substr(path, len(old) + 1)) for old, new in longest_first), else_=path
    )
