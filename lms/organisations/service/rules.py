"""What every change of the tree has in common: one at a time, checked names and codes, a dated row, an audit entry."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra import pinyin
from lms.infra.db import take_turn
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid
from lms.kernel.numbers import NO_NUMBERS, NO_NUMBERS_HERE, tells_a_number
from lms.kernel.scope import covers
from lms.kernel.verdict import Denied
from lms.organisations import events, queries
from lms.organisations.domain import names, uscc
from lms.organisations.domain.ranks import has_units_below
from lms.organisations.models import UnitChangeRow, UnitTermRow

TREE_LOCK = 0x756E6974  # any number that no other advisory lock uses
MAX_REASON = 200


class WrongPlace(Invalid):
    """A unit may stand only below a unit of a higher kind."""

    code, title = "wrong_place", N_("单位只能建在上级单位之下")


class WrongName(Invalid):
    """A name is empty or too long."""

    code, title = "wrong_name", N_("单位名称须有 1 至 120 个字")


class NameTaken(Invalid):
    """An open unit of this name stands at the same place already."""

    code, title = "name_taken", N_("同一上级之下已有同名的单位")


class CodeTaken(Invalid):
    """An open unit has this unified social credit code already."""

    code, title = "code_taken", N_("这个统一社会信用代码已属于另一个单位")


class StillInUse(Invalid):
    """A unit with open units below it or with people in it can't be closed."""

    code, title = "still_in_use", N_("单位之下还有单位或人员，不能撤销；请先划转，或并入另一个单位")


class AlreadyClosed(Conflict):
    """The unit is closed or merged."""

    code, title = "unit_closed", N_("单位已经撤销或并入其他单位")


class Changed(Conflict):
    """Somebody changed the unit after this person had seen it."""

    code, title = "unit_changed", N_("这个单位刚刚有变更，请看过现在的情况再操作")


class NotYet(Invalid):
    """The day of the decision lies in the future; changes of the tree hold at once."""

    code, title = "not_yet", N_("生效日期不能晚于今天")


@dataclass(frozen=True)
class Act:
    """Who changes a unit, why, and what they saw of it: `seen` is the unit's last change, False when it does not matter.

    `reach`: the subtrees that are in their hands. Where units stand is read again under the tree's lock: another union may have
    taken them over since.
    """

    actor_id: UUID | None
    reason: str
    now: datetime
    reach: tuple[str, ...]
    effective_on: date | None = None
    seen: UUID | bool | None = False

    def __post_init__(self) -> None:
        """Raises Invalid for a reason that holds a number: it is kept for good."""
        if tells_a_number(self.reason):
            raise Invalid(fields={"reason": NO_NUMBERS})

    @property
    def day(self) -> date:
        """The day from which the change holds by the organisation's decision."""
        return self.effective_on or self.now.astimezone(SHANGHAI).date()


def lock_tree(session: Session) -> None:
    """Lets one change of the tree run at a time; on SQLite the writer is alone anyway."""
    take_turn(session, TREE_LOCK)


def refuse_future(act: Act) -> None:
    """Raises NotYet when a change is to hold from a later day: the tree is always today's."""
    if act.day > act.now.astimezone(SHANGHAI).date():
        raise NotYet(fields={"effective_on": NotYet.title})


def unit_to_change(session: Session, unit_id: UUID, act: Act, *, place: bool = False) -> queries.Unit:
    """The unit under the lock, as the person saw it; `place`: the one above it is in their hands too.

    Raises NotFound, WrongPlace (the root has no place), Forbidden, Changed, NotYet.
    """
    lock_tree(session)
    found = queries.scoped_unit(session, unit_id, act.reach)
    if place and found.parent_id is None:
        raise WrongPlace
    if place and not placed_by(found, act.reach):
        raise Forbidden
    refuse_future(act)
    if act.seen is not False and queries.last_change_id(session, unit_id) != act.seen:
        raise Changed
    return found


def hold_subtree(session: Session, unit: queries.Unit) -> None:
    """Waits until acts that hold a unit or a person of the subtree have ended, so that what is asked from here on sees what they
    did, and lets none begin. It may be a whole province: what speaks against a change without it is asked before."""
    events.hold(session, unit.path)  # people before units, as all who act on both
    queries.hold_subtree(session, unit.path)


def placed_by(unit: queries.Unit, reach: tuple[str, ...]) -> bool:
    """Whether somebody with this reach decides where a unit stands: the one above it is in their hands too."""
    above = unit.path.rstrip("/").rsplit("/", 1)[0] + "/"
    return unit.parent_id is not None and any(covers(scope, above) for scope in reach)


def open_unit_to_change(session: Session, unit_id: UUID, act: Act, *, place: bool = False) -> queries.Unit:
    """The same for a unit that has to be open. Raises AlreadyClosed too."""
    found = unit_to_change(session, unit_id, act, place=place)
    if found.state != "open":
        raise AlreadyClosed
    return found


def checked_name(name: str) -> str:
    """The name as it is stored. Raises WrongName, Invalid for one that holds a number."""
    plain = names.tidy(name)
    if not names.folded(plain) or len(plain) > names.MAX_NAME:
        raise WrongName(fields={"name": WrongName.title})
    if tells_a_number(plain):
        raise Invalid(fields={"name": NO_NUMBERS_HERE})
    return plain


def checked_uscc(code: str | None) -> str | None:
    """The code as it is stored, None for none. Raises Invalid."""
    plain = uscc.tidy(code or "")
    if not plain:
        return None
    verdict = uscc.judge(plain)
    if isinstance(verdict, Denied):
        raise Invalid(fields={"uscc": verdict.reason})
    return plain


def refuse_taken_name(session: Session, parent_id: UUID, name: str, *, but: UUID | None = None) -> None:
    """Raises NameTaken when an open unit other than `but` has this name below the parent."""
    found = queries.same_named_child(session, parent_id, name, name_key(name))
    if found is not None and found != but:
        raise NameTaken(fields={"name": NameTaken.title})


def refuse_taken_code(session: Session, code: str | None, *, but: UUID | None = None) -> None:
    """Raises CodeTaken when an open unit other than `but` has this unified social credit code."""
    found = queries.open_unit_of_uscc(session, code) if code else None
    if found is not None and found != but:
        raise CodeTaken(fields={"uscc": CodeTaken.title})


def name_key(name: str) -> str:
    """The pinyin by which units sort."""
    return pinyin.key_of(name, limit=400)


def initials(name: str) -> str:
    """The first letters of the pinyin."""
    return pinyin.initials_of(name, limit=120)


def write_terms(session: Session, unit_id: UUID, name: str, kind: str) -> None:
    """Makes the unit findable by the parts of its name."""
    session.execute(delete(UnitTermRow).where(UnitTermRow.unit_id == unit_id))
    session.execute(insert(UnitTermRow), term_rows(unit_id, name, kind))


def term_rows(unit_id: UUID, name: str, kind: str) -> list[dict[str, Any]]:
    """The rows under which a name is found."""
    union = has_units_below(kind)
    return [
        {"term": term, "unit_id": unit_id, "tier": names.tier_of(place, union=union)}
        for place, term in enumerate(names.terms_of(name))
    ]


def note(session: Session, unit_id: UUID, action: str, before: dict[str, Any], after: dict[str, Any], act: Act) -> None:
    """Writes the dated row of a change and its audit entry."""
    write_changes(session, UnitChangeRow.unit_id == unit_id, [change_row(unit_id, action, before, after, act)])
    audit.record(
        session,
        action=f"unit.{action}",
        object_type="unit",
        object_id=unit_id,
        actor_id=act.actor_id,
        details={"before": before, "after": after, "reason": act.reason, "effective_on": act.day.isoformat()},
        now=act.now,
    )


def write_changes(session: Session, whose: ColumnElement[bool], rows: list[dict[str, Any]]) -> None:
    """Writes dated rows; `whose` selects the units' earlier ones, so that two changes in a millisecond keep their order."""
    statement = (
        select(UnitChangeRow.unit_id, func.max(UnitChangeRow.at).label("latest"))
        .where(whose)
        .group_by(UnitChangeRow.unit_id)
    )
    last = {row.unit_id: row.latest for row in session.execute(statement)}
    for row in rows:
        if row["unit_id"] in last:
            row["at"] = max(row["at"], last[row["unit_id"]] + timedelta(milliseconds=1))
    session.execute(insert(UnitChangeRow), rows)


def change_row(unit_id: UUID, action: str, before: dict[str, Any], after: dict[str, Any], act: Act) -> dict[str, Any]:
    """The dated row of a change."""
    return {
        "id": ids.new_id(act.now),
        "unit_id": unit_id,
        "at": act.now,
        "effective_on": act.day,
        "action": action,
        "before": before,
        "after": after,
        "actor_id": act.actor_id,
        "reason": act.reason[:MAX_REASON],
    }
