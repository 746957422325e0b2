"""Lists the people of units by where they stand, page by page: one statement a page, and an index for every way to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.infra.subtrees import listed_within
from lms.kernel.scope import narrowed
from lms.organisations.models import UnitRow
from lms.reporting.models import HoursStandingRow

STANDINGS = ("behind", "reached")
ORDERS = ("name", "missing")


@dataclass(frozen=True)
class Sought:
    """What a list is limited to; "" and None limit nothing. `ledger` says whose target `standing` is about, "" both."""

    scopes: tuple[str, ...]
    year: int
    path: str | None = None  # a unit with all below it
    standing: str = ""
    ledger: str = ""
    category: str = ""
    order: str = "name"  # by pinyin, or by what is missing, the most first

    @property
    def reach(self) -> tuple[str, ...]:
        """The subtrees that are listed: the scopes, and of these what lies in `path`."""
        return narrowed(self.scopes, self.path)


@dataclass(frozen=True)
class Listed:
    """A person in a list, with their year in hundredths."""

    id: UUID
    name: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    post: str
    category: str
    self_study: int
    centralized: int
    self_required: int
    central_required: int
    missing: int


@dataclass(frozen=True)
class Place:
    """Where a page ended: what its last person was sorted by."""

    name_key: str
    missing: int
    person_id: UUID


@dataclass(frozen=True)
class Page:
    """A part of a list, and whether more follows."""

    people: tuple[Listed, ...]
    more: bool


_COLUMNS: tuple[Any, ...] = (
    PersonRow.id,
    PersonRow.name,
    UnitRow.id,
    UnitRow.name,
    PersonRow.unit_path,
    PersonRow.post,
    HoursStandingRow.category,
    HoursStandingRow.self_study,
    HoursStandingRow.centralized,
    HoursStandingRow.self_required,
    HoursStandingRow.central_required,
    HoursStandingRow.missing,
)


def people_page(session: Session, sought: Sought, *, after: UUID | None = None, limit: int = 50) -> Page:
    """The people of a list who follow the person `after`, else its first page. One statement, two when it goes on.

    The person where the last page ended is looked for in the reach of the list; when they are there no more it begins anew.
    """
    place = _place(session, sought, after)
    beyond = [] if place is None else [_beyond(sought.order, place)]
    people = _listed(session, sought, [*_conditions(sought), *beyond], limit + 1)
    return Page(people[:limit], len(people) > limit)


def people_in(session: Session, sought: Sought, *, limit: int) -> tuple[Listed, ...]:
    """Everybody of a list, up to `limit`, for exports."""
    return _listed(session, sought, _conditions(sought), limit)


def count_up_to(session: Session, sought: Sought, *, limit: int) -> int:
    """How many people a list has, counted no further than `limit`."""
    some = (
        select(HoursStandingRow.person_id)
        .join(PersonRow, PersonRow.id == HoursStandingRow.person_id)
        .where(*_conditions(sought))
        .limit(limit)
    )
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def persons(session: Session, sought: Sought, *, after: UUID | None, limit: int) -> tuple[tuple[UUID, int, int], ...]:
    """(person, missing of self-study, missing of centralised training) of a list by person id, those after `after`: for jobs."""
    wanted = _conditions(sought)
    if after is not None:
        wanted.append(HoursStandingRow.person_id > after)
    rows = session.execute(
        select(
            HoursStandingRow.person_id,
            HoursStandingRow.self_required - HoursStandingRow.self_study,
            HoursStandingRow.central_required - HoursStandingRow.centralized,
        )
        .join(PersonRow, PersonRow.id == HoursStandingRow.person_id)
        .where(*wanted)
        .order_by(HoursStandingRow.person_id)
        .limit(limit)
    )
    return tuple((row[0], max(0, row[1]), max(0, row[2])) for row in rows)


def _listed(
    session: Session, sought: Sought, conditions: Sequence[ColumnElement[bool]], limit: int
) -> tuple[Listed, ...]:
    """The first people in their order. Who they are is found first, before names and units are read beside it."""
    order = _order(sought.order)
    chosen = (
        select(HoursStandingRow.person_id)
        .join(PersonRow, PersonRow.id == HoursStandingRow.person_id)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .subquery()
    )
    statement = (
        select(*_COLUMNS)
        .join(chosen, chosen.c.person_id == PersonRow.id)
        .join(HoursStandingRow, and_(HoursStandingRow.person_id == PersonRow.id, HoursStandingRow.year == sought.year))
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .order_by(*order)
    )
    return tuple(Listed(*row) for row in session.execute(statement))


def _order(order: str) -> tuple[ColumnElement[Any], ...]:
    if order == "missing":
        return HoursStandingRow.missing.desc(), HoursStandingRow.person_id.desc()
    return HoursStandingRow.name_key.asc(), HoursStandingRow.person_id.asc()


def _beyond(order: str, place: Place) -> ColumnElement[bool]:
    if order == "missing":
        return tuple_(HoursStandingRow.missing, HoursStandingRow.person_id) < tuple_(place.missing, place.person_id)
    return tuple_(HoursStandingRow.name_key, HoursStandingRow.person_id) > tuple_(place.name_key, place.person_id)


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    """Access goes by the person's own row, which is today's; the standing's path only leads to an index."""
    wanted: list[ColumnElement[bool]] = [
        HoursStandingRow.year
        == bindparam(None, sought.year, HoursStandingRow.year.type, unique=True, literal_execute=True),
        HoursStandingRow.path != "",
        listed_within(PersonRow.unit_path, sought.reach),
        PersonRow.merged_into.is_(None),
        PersonRow.closed_at.is_(None),
    ]
    if sought.category:
        wanted.append(HoursStandingRow.category == sought.category)
    if sought.standing:
        wanted.append(_stands(sought.standing == "reached", sought.ledger))
    return wanted


def _stands(reached: bool, ledger: str) -> ColumnElement[bool]:
    if not ledger:
        return HoursStandingRow.missing == 0 if reached else HoursStandingRow.missing > 0
    earned, required = {
        "self_study": (HoursStandingRow.self_study, HoursStandingRow.self_required),
        "centralized": (HoursStandingRow.centralized, HoursStandingRow.central_required),
    }[ledger]
    # What is behind in one ledger is behind altogether: that part leads to an index.
    return earned >= required if reached else and_(HoursStandingRow.missing > 0, earned < required)


def _place(session: Session, sought: Sought, person_id: UUID | None) -> Place | None:
    if person_id is None:
        return None
    row = session.execute(
        select(HoursStandingRow.name_key, HoursStandingRow.missing)
        .join(PersonRow, PersonRow.id == HoursStandingRow.person_id)
        .where(
            HoursStandingRow.person_id == person_id,
            HoursStandingRow.year == sought.year,
            listed_within(PersonRow.unit_path, sought.reach),
        )
    ).first()
    return Place(row.name_key, row.missing, person_id) if row else None
