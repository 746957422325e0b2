"""What an address asks for: a unit in the person's reach, a year, and what the list is limited to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from lms.accounts.domain import wording
from lms.hours.domain.rules import count_year
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.kernel.scope import outermost
from lms.organisations import queries as organisations
from lms.organisations.queries import Unit
from lms.reporting.forms import LEDGERS, ORDERS, STANDINGS
from lms.reporting.queries import Sought
from lms.web import login, ports

FIRST_YEAR = 2020
ALLOWED = {"standing": STANDINGS, "ledger": LEDGERS, "category": wording.CATEGORIES, "order": ORDERS}


@dataclass(frozen=True)
class Asked:
    """A unit, and what its list is limited to."""

    unit: Unit
    sought: Sought
    kept: dict[str, Any]
    """The parameters of the address that other pages of the same list carry."""


def asked(session: Session, permission: Permission = Permission.HOURS_READ) -> Asked:
    """What the address asks for; without a unit the topmost one of my scopes. Raises NotFound for what there is not."""
    scopes = ports.scopes_for(login.current(), permission)
    unit = _unit(session, scopes)
    given = {name: request.args.get(name, "") for name in ALLOWED}
    if any(value and value not in ALLOWED[name] for name, value in given.items()):
        raise NotFound
    year = _year()
    sought = Sought(
        scopes, year, unit.path, given["standing"], given["ledger"], given["category"], given["order"] or "name"
    )
    kept = {name: value for name, value in given.items() if value}
    return Asked(unit, sought, {"unit": unit.id, "year": year, **kept})


def asked_id(name: str) -> UUID | None:
    """The id in a parameter of the address. Raises NotFound for what is none."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def this_year() -> int:
    """The year in China."""
    return count_year(clock.now())


def _unit(session: Session, scopes: tuple[str, ...]) -> Unit:
    unit_id = asked_id("unit")
    if unit_id is not None:
        return organisations.scoped_unit(session, unit_id, scopes)
    tops = organisations.at_paths(session, outermost(scopes)[:1])
    if not tops:
        raise NotFound
    return tops[0]


def _year() -> int:
    text, now = request.args.get("year", ""), this_year()
    if not text:
        return now
    if not (text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= now):
        raise NotFound
    return int(text)
