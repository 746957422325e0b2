"""Moves a unit with all below it, and merges one unit into another; the paths of that day stay wherever they were recorded."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.infra.db import unit_of_work
from lms.infra.subtrees import within
from lms.kernel.errors import N_, Invalid
from lms.kernel.scope import covers
from lms.organisations import events, queries
from lms.organisations.domain import paths, ranks
from lms.organisations.models import UnitChangeRow, UnitRequestRow, UnitRow
from lms.organisations.service import rules
from lms.organisations.service.rules import Act, AlreadyClosed, WrongPlace

SAME_PLACE = N_("已经在这个上级单位之下")
INSIDE = N_("不能划转到自己或自己的下级之中")
ITSELF = N_("不能并入自己或自己的下级")
BELOW_DO_NOT_FIT = N_("下级单位的层级不适合放在这个单位之下")


def move(unit_id: UUID, parent_id: UUID, act: Act) -> None:
    """Puts a unit, with all below it, under another parent.

    Raises WrongPlace (wrong rank, a cycle), Invalid (it stands there already), NameTaken, AlreadyClosed, Changed, NotFound,
    and what listeners raise (roles that move along).
    """
    with unit_of_work() as session:
        unit = rules.open_unit_to_change(session, unit_id, act, place=True)
        parent = _target(session, parent_id, act)
        if unit.parent_id == parent.id:
            raise Invalid(fields={"target_id": SAME_PLACE})
        if covers(unit.path, parent.path):
            raise WrongPlace(fields={"target_id": INSIDE})
        if not ranks.may_stand_below(unit.kind, parent.kind):
            raise WrongPlace(fields={"target_id": WrongPlace.title})
        rules.refuse_taken_name(session, parent.id, unit.name)
        rules.hold_subtree(session, unit)
        events.moving(unit.path, parent.path, at=act.now, actor_id=act.actor_id)
        new_path = parent.path + paths.own_part(unit.path)
        session.execute(update(UnitRow).where(UnitRow.id == unit.id).values(parent_id=parent.id))
        _write_paths(session, unit.path, new_path, with_top=True)
        before = {"parent": str(unit.parent_id), "path": unit.path}
        rules.note(session, unit.id, "moved", before, {"parent": str(parent.id), "path": new_path}, act)
        events.moved([(unit.path, new_path)], at=act.now)


def merge(gone_id: UUID, into_id: UUID, act: Act) -> None:
    """Makes one unit part of another: its units hang below the other, its people belong to it, requests go to it.

    Raises WrongPlace (the root, a cycle, ranks below that do not fit), AlreadyClosed, Changed, NotFound, and what
    listeners raise.
    """
    with unit_of_work() as session:
        gone = rules.open_unit_to_change(session, gone_id, act, place=True)
        into = _target(session, into_id, act)
        if gone.parent_id is None or into.parent_id is None:
            raise WrongPlace(fields={"target_id": WrongPlace.title})
        if covers(gone.path, into.path):
            raise WrongPlace(fields={"target_id": ITSELF})
        rules.hold_subtree(session, gone)
        events.moving(gone.path, into.path, at=act.now, actor_id=act.actor_id)
        _hang_children(session, gone, into, act)
        session.execute(
            update(UnitRow)
            .where(UnitRow.id == gone.id)
            .values(state="merged", merged_into=into.id, successor_id=into.id, uscc=gone.uscc)
        )
        session.execute(update(UnitRow).where(UnitRow.successor_id == gone.id).values(successor_id=into.id))
        session.execute(
            update(UnitRequestRow)
            .where(UnitRequestRow.parent_id == gone.id, UnitRequestRow.state == "open")
            .values(parent_id=into.id)
        )
        rules.note(session, gone.id, "merged", {"state": "open"}, {"state": "merged", "into": str(into.id)}, act)
        rules.note(session, into.id, "merged", {}, {"took_in": str(gone.id)}, act)
        events.moved([(gone.path, into.path)], at=act.now)
        events.merged(gone.id, into.id, at=act.now, actor_id=act.actor_id)


def _target(session: Session, unit_id: UUID, act: Act) -> queries.Unit:
    found = queries.scoped_unit(session, unit_id, act.reach)
    if found.state != "open":
        raise AlreadyClosed
    return found


def _hang_children(session: Session, gone: queries.Unit, into: queries.Unit, act: Act) -> None:
    """Puts all that stands below `gone` below `into`, closed units too; each child's history says so."""
    statement = select(UnitRow.id, UnitRow.path, UnitRow.kind)
    children = session.execute(statement.where(UnitRow.parent_id == gone.id)).all()
    if not children:
        return
    if not all(ranks.may_stand_below(child.kind, into.kind) for child in children):
        raise WrongPlace(fields={"target_id": BELOW_DO_NOT_FIT})
    _refuse_same_names(session, gone, into)
    whose = UnitChangeRow.unit_id.in_(select(UnitRow.id).where(UnitRow.parent_id == gone.id))
    rows = [
        rules.change_row(
            child.id,
            "moved",
            {"parent": str(gone.id), "path": child.path},
            {"parent": str(into.id), "path": into.path + paths.own_part(child.path)},
            act,
        )
        for child in children
    ]
    rules.write_changes(session, whose, rows)
    session.execute(update(UnitRow).where(UnitRow.parent_id == gone.id).values(parent_id=into.id))
    _write_paths(session, gone.path, into.path, with_top=False)


def _refuse_same_names(session: Session, gone: queries.Unit, into: queries.Unit) -> None:
    """Raises NameTaken when an open unit of each would have the same name in one place."""
    other = UnitRow.__table__.alias("other")
    same = (
        select(UnitRow.name)
        .join(other, other.c.name_key == UnitRow.name_key)
        .where(
            UnitRow.parent_id == gone.id,
            UnitRow.state == "open",
            other.c.parent_id == into.id,
            other.c.state == "open",
            other.c.name == UnitRow.name,
            other.c.id != gone.id,
        )
        .limit(1)
    )
    name = session.execute(same).scalar()
    if name is not None:
        raise rules.NameTaken(fields={"target_id": rules.NameTaken.title})


def _write_paths(session: Session, old: str, new: str, *, with_top: bool) -> None:
    """Gives a subtree its new paths in one statement."""
    inside = within(UnitRow.path, [old])
    statement = update(UnitRow).where(inside) if with_top else update(UnitRow).where(inside, UnitRow.path != old)
    session.execute(
        statement.values(path=new + func.substr(UnitRow.path, len(old) + 1)).execution_options(
            synchronize_session=False
        )
    )
