"""What the staff pages of people share: who may see and change whom, the words of coded facts, and searches kept out of addresses."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import wording
from lms.accounts.domain.reach import Staff
from lms.infra import crypto
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.organisations import queries as organisations
from lms.organisations.domain.ranks import KINDS
from lms.web import login, ports

LONGEST = 120
PURPOSE = "people-search"
KEPT = timedelta(hours=12)
"""An address is good for a working day, for the person who searched."""


class Asked(msgspec.Struct, omit_defaults=True):
    """The personal parts of a search."""

    text: str = ""
    username: str = ""
    mobile: str = ""


class _Hidden(msgspec.Struct):
    """A search as it travels in an address."""

    at: datetime
    asked: Asked


def scopes(permission: Permission = Permission.PERSON_READ) -> tuple[str, ...]:
    """The subtrees over which this person has a permission."""
    return ports.scopes_for(login.current(), permission)


def staff(permission: Permission = Permission.PERSON_EDIT) -> Staff:
    """This person at work."""
    return Staff(
        login.current().person_id, scopes(permission), lambda one, other: ports.outranks(one, other, clock.now())
    )


def words() -> dict[str, dict[str, str]]:
    """The words of coded facts in the reader's language, by fact."""
    tables = {
        "sex": wording.SEXES,
        "category": wording.CATEGORIES,
        "employment": wording.EMPLOYMENTS,
        "identity_level": wording.IDENTITY_LEVELS,
        "state": wording.STATES,
    }
    return {name: {value: _(text) for value, text in table.items()} for name, table in tables.items()}


def editable(session: Session, person_id: UUID, permission: Permission = Permission.PERSON_EDIT) -> queries.Profile:
    """A person whom this person may act on. Raises NotFound."""
    return queries.profile(session, person_id, scopes(permission))


def units_to_choose(session: Session, form: Any, reach: tuple[str, ...]) -> organisations.Choices:
    """The units that a UnitForm offers."""
    return organisations.choices_within(
        session, (form.unit_query.data or "")[:LONGEST], as_id(form.unit.data), reach, kinds=KINDS
    )


def as_id(text: str | None) -> UUID | None:
    """The id that a text is, None for any other text."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def asked_id(name: str) -> UUID | None:
    """The id in a parameter of the address. Raises NotFound for what is none."""
    text = request.args.get(name)
    if not text:
        return None
    found = as_id(text)
    if found is None:
        raise NotFound
    return found


def hide(asked: Asked) -> str | None:
    """What an address may carry of a search: nothing that can be read."""
    if asked == Asked():
        return None
    return crypto.encrypt(msgspec.json.encode(_Hidden(clock.now(), asked)).decode(), _mine())


def unhide(token: str | None) -> Asked:
    """The search that `hide` hid for this person within KEPT; none for any other text."""
    try:
        hidden = msgspec.json.decode(crypto.decrypt(token or "", _mine()), type=_Hidden)
    except (crypto.CryptoFault, msgspec.MsgspecError):
        return Asked()
    return hidden.asked if clock.now() - hidden.at < KEPT else Asked()


def _mine() -> str:
    return f"{PURPOSE}:{login.current().person_id}"
