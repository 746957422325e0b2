"""Changes a unit where it stands: its name, its code, whether it is open."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Invalid
from lms.organisations import events, queries
from lms.organisations.models import UnitRow
from lms.organisations.service import rules
from lms.organisations.service.rules import Act, AlreadyClosed, StillInUse

UNCHANGED = N_("内容没有变化")


def rename(unit_id: UUID, name: str, act: Act) -> None:
    """Gives a unit another name. Raises WrongName, NameTaken, Invalid (the same name), AlreadyClosed, Changed, NotFound."""
    with unit_of_work() as session:
        unit = rules.open_unit_to_change(session, unit_id, act)
        name = rules.checked_name(name)
        if name == unit.name:
            raise Invalid(fields={"name": UNCHANGED})
        if unit.parent_id:
            rules.refuse_taken_name(session, unit.parent_id, name, but=unit.id)
        _write(session, unit, name=name, name_key=rules.name_key(name), initials=rules.initials(name))
        rules.write_terms(session, unit.id, name, unit.kind)
        rules.note(session, unit.id, "renamed", {"name": unit.name}, {"name": name}, act)


def recode(unit_id: UUID, uscc: str, act: Act) -> None:
    """Sets a unit's unified social credit code, none for an empty text.

    Raises Invalid (a wrong code, the same code), CodeTaken, AlreadyClosed, Changed, NotFound.
    """
    with unit_of_work() as session:
        unit = rules.open_unit_to_change(session, unit_id, act)
        code = rules.checked_uscc(uscc)
        if code == unit.uscc:
            raise Invalid(fields={"uscc": UNCHANGED})
        rules.refuse_taken_code(session, code, but=unit.id)
        _write(session, unit, uscc=code)
        rules.note(session, unit.id, "recoded", {"uscc": unit.uscc}, {"uscc": code}, act)


def close(unit_id: UUID, act: Act) -> None:
    """Closes a unit that has no open unit below it and nobody in it: nobody may be left in a unit that is no more.

    Who belongs to it is moved or merged into another unit first; the roles over it end with it. Raises StillInUse,
    WrongPlace (the root), AlreadyClosed, Changed, NotFound, and what listeners raise (roles that the actor could not end).
    """
    with unit_of_work() as session:
        unit = rules.open_unit_to_change(session, unit_id, act, place=True)
        if queries.open_children_exist(session, unit.id):
            raise StillInUse
        rules.hold_subtree(session, unit)
        if events.people_at(session, unit.path, limit=1, at=act.now):
            raise StillInUse
        events.closing(unit.path, at=act.now, actor_id=act.actor_id)
        _write(session, unit, state="closed")
        rules.note(session, unit.id, "closed", {"state": "open"}, {"state": "closed"}, act)


def reopen(unit_id: UUID, act: Act) -> None:
    """Opens a closed unit again. Raises AlreadyClosed (it is merged, or its parent is not open), NameTaken, CodeTaken, Changed."""
    with unit_of_work() as session:
        unit = rules.unit_to_change(session, unit_id, act, place=True)
        if unit.state != "closed" or unit.parent_id is None:
            raise AlreadyClosed
        if queries.unit(session, unit.parent_id).state != "open":
            raise AlreadyClosed
        rules.refuse_taken_name(session, unit.parent_id, unit.name)
        rules.refuse_taken_code(session, unit.uscc)
        _write(session, unit, state="open")
        rules.note(session, unit.id, "reopened", {"state": "closed"}, {"state": "open"}, act)


def _write(session: Session, unit: queries.Unit, **values: Any) -> None:
    session.execute(update(UnitRow).where(UnitRow.id == unit.id).values(**values))
