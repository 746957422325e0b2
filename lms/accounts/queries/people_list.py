"""Lists people by pinyin, page by page, for any union: one statement a page, and an index for every way to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, PersonRow
from lms.infra import crypto, pinyin
from lms.infra.subtrees import between, listed_within
from lms.kernel.scope import narrowed
from lms.organisations.models import UnitRow

LAST = "\U0010ffff"


@dataclass(frozen=True)
class Sought:
    """What a list of people is limited to; empty texts and None limit nothing."""

    scopes: tuple[str, ...]
    path: str | None = None  # a unit with all below it
    text: str = ""  # the beginning of a name, of its pinyin or of its initials
    username: str = ""
    mobile: str = ""
    category: str = ""
    employment: str = ""
    identity_level: str = ""
    state: str = ""
    unconfirmed: bool = False  # active people whose unit has not vouched for them yet

    @property
    def reach(self) -> tuple[str, ...]:
        """The subtrees that are listed: the scopes, and of these what lies in `path`."""
        return narrowed(self.scopes, self.path)


@dataclass(frozen=True)
class Listed:
    """A person in a list."""

    id: UUID
    name: str
    sex: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    post: str
    category: str
    employment: str
    appointed_on: date | None
    identity_level: str
    username: str
    state: str


@dataclass(frozen=True)
class Page:
    """A part of a list, and whether there is more on either side."""

    people: tuple[Listed, ...]
    more_before: bool
    more_after: bool


_COLUMNS: tuple[Any, ...] = (
    PersonRow.id,
    PersonRow.name,
    PersonRow.sex,
    UnitRow.id,
    UnitRow.name,
    PersonRow.unit_path,
    PersonRow.post,
    PersonRow.category,
    PersonRow.employment,
    PersonRow.appointed_on,
    PersonRow.identity_level,
    AccountRow.username,
    AccountRow.state,
)
_PLACE = tuple_(PersonRow.name_key, PersonRow.id)


def people_page(
    session: Session, sought: Sought, *, after: UUID | None = None, before: UUID | None = None, limit: int = 50
) -> Page:
    """The people of a list that follow the person `after`, or precede the person `before`; else its first page.

    One statement, and one more to find where the other page ended; that person is looked for in the reach of the list, and
    when they are there no more the list begins anew.
    """
    anchor = _place_of(session, sought, after or before)
    backwards = anchor is not None and after is None
    beyond = [] if anchor is None else [tuple_(*anchor) > _PLACE if backwards else tuple_(*anchor) < _PLACE]
    people = _listed(session, [*_conditions(sought), *beyond], limit=limit + 1, backwards=backwards)
    found, more = people[:limit], len(people) > limit
    if backwards:
        return Page(found[::-1], more_before=more, more_after=True)
    return Page(found, more_before=anchor is not None, more_after=more)


def people_in(session: Session, sought: Sought, *, limit: int) -> tuple[Listed, ...]:
    """Everybody of a list, up to `limit`, for exports."""
    return _listed(session, _conditions(sought), limit=limit)


def people_of_ids(session: Session, person_ids: Sequence[UUID], scopes: tuple[str, ...]) -> tuple[Listed, ...]:
    """The people of some ids who lie in the scopes, by pinyin; others are left out as if they did not exist."""
    return _listed(session, [*_conditions(Sought(scopes)), PersonRow.id.in_(person_ids)], limit=len(person_ids))


def _listed(
    session: Session, conditions: Sequence[ColumnElement[bool]], *, limit: int, backwards: bool = False
) -> tuple[Listed, ...]:
    """The first people in their order. Who they are is found in their own table, before anything is read beside it."""
    order = (PersonRow.name_key.desc(), PersonRow.id.desc()) if backwards else (PersonRow.name_key, PersonRow.id)
    chosen = select(PersonRow.id).where(*conditions).order_by(*order).limit(limit).subquery()
    statement = (
        select(*_COLUMNS)
        .join(chosen, chosen.c.id == PersonRow.id)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .order_by(*order)
    )
    return tuple(Listed(*row) for row in session.execute(statement))


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [listed_within(PersonRow.unit_path, sought.reach), *_standing(sought.state)]
    if sought.state in {"active", "disabled"} or sought.unconfirmed:
        wanted.append(_with_account(AccountRow.state == (sought.state or "active")))
    if sought.unconfirmed:
        wanted.append(PersonRow.identity_level == "declared")
    for column in (PersonRow.category, PersonRow.employment, PersonRow.identity_level):
        value = getattr(sought, column.key)
        if value:
            wanted.append(column == value)
    if sought.username:
        wanted.append(_with_account(AccountRow.username == sought.username.lower()))
    if sought.mobile:
        wanted.append(PersonRow.mobile_hash.in_(crypto.index_hashes("mobile", sought.mobile)))
    if sought.text:
        wanted.append(_named(sought.text))
    return wanted


def _standing(state: str) -> list[ColumnElement[bool]]:
    """What the person's own row says of the state of their account.

    Who left or was joined is told by it alone. Of the disabled nothing need be said: they have done neither, and the search then
    asks for no more of a row than stands in an index.
    """
    if state == "merged":
        return [PersonRow.merged_into.is_not(None)]
    if state == "closed":
        return [PersonRow.closed_at.is_not(None), PersonRow.merged_into.is_(None)]
    return [] if state == "disabled" else [PersonRow.merged_into.is_(None), PersonRow.closed_at.is_(None)]


def _with_account(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return PersonRow.id.in_(select(AccountRow.person_id).where(condition))


def _named(text: str) -> ColumnElement[bool]:
    """Who is called so: typed in Latin letters by pinyin or initials, else by the name as it is written."""
    if not text.isascii():
        # The first character leads to an index that has them in the list's order already.
        return and_(func.substr(PersonRow.name, 1, 1) == text[0], PersonRow.name.startswith(text, autoescape=True))
    key = pinyin.key_of(text)
    if not key:
        return false()
    either = or_(
        between(PersonRow.name_key, key, key + LAST),
        between(PersonRow.initials, key, key + LAST),
    )
    # Both begin with the same letter: a reading in the order of names starts there and not at the first of the nation.
    return and_(between(PersonRow.name_key, key[0], key[0] + LAST), either)


def _place_of(session: Session, sought: Sought, person_id: UUID | None) -> tuple[str, UUID] | None:
    if person_id is None:
        return None
    statement = select(PersonRow.name_key, PersonRow.id).where(
        PersonRow.id == person_id, listed_within(PersonRow.unit_path, sought.reach)
    )
    row = session.execute(statement).first()
    return (row.name_key, row.id) if row else None
