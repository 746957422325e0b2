"""Founds units."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.organisations import queries
from lms.organisations.domain import paths, ranks
from lms.organisations.models import UnitRow
from lms.organisations.service import rules
from lms.organisations.service.rules import Act, AlreadyClosed, WrongPlace


def add_unit(
    *,
    parent_id: UUID | None,
    name: str,
    kind: str,
    code: str = "",
    uscc: str | None = None,
    actor_id: UUID | None = None,
    reason: str = "",
    effective_on: date | None = None,
    reach: tuple[str, ...],
    now: datetime,
) -> queries.Unit:
    """Adds a unit below `parent_id` (None only for the national root), which lies in `reach`.

    Raises WrongPlace, WrongName, NameTaken, CodeTaken, Invalid (a wrong code), AlreadyClosed (the parent), NotYet, NotFound.
    """
    act = Act(actor_id, reason, now, reach, effective_on)
    with unit_of_work() as session:
        rules.lock_tree(session)
        rules.refuse_future(act)
        parent = queries.scoped_unit(session, parent_id, reach) if parent_id else None
        if parent and parent.state != "open":
            raise AlreadyClosed
        return found(session, parent, name=name, kind=kind, code=code, uscc=uscc, act=act)


def found(
    session: Session, parent: queries.Unit | None, *, name: str, kind: str, code: str, uscc: str | None, act: Act
) -> queries.Unit:
    """Adds one unit under the tree's lock. Raises WrongPlace, WrongName, NameTaken, CodeTaken, Invalid."""
    if parent and not ranks.may_stand_below(kind, parent.kind):
        raise WrongPlace(fields={"kind": WrongPlace.title})
    name = rules.checked_name(name)
    uscc = rules.checked_uscc(uscc)
    if parent:
        rules.refuse_taken_name(session, parent.id, name)
    rules.refuse_taken_code(session, uscc)
    unit_id = ids.new_id(act.now)
    made = queries.Unit(
        id=unit_id,
        parent_id=parent.id if parent else None,
        path=paths.path_of(unit_id, parent.path if parent else None),
        name=name,
        kind=kind,
        code=code,
        uscc=uscc,
    )
    session.add(
        UnitRow(
            id=made.id,
            parent_id=made.parent_id,
            path=made.path,
            name=name,
            name_key=rules.name_key(name),
            initials=rules.initials(name),
            kind=kind,
            code=code,
            uscc=uscc,
            created_at=act.now,
        )
    )
    session.flush()
    rules.write_terms(session, unit_id, name, kind)
    after = {"name": name, "kind": kind, "uscc": uscc, "parent": str(parent.id) if parent else None}
    rules.note(session, unit_id, "created", {}, after, act)
    return made
