"""Moves people between units: one primary membership on every day, others beside it, history never rewritten."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import membership as rules
from lms.accounts.domain.reach import Staff
from lms.accounts.events import person_moved
from lms.accounts.models import MembershipRow, PersonRow
from lms.accounts.service import plans
from lms.accounts.service.holding import day_of, hold, said
from lms.audit import service as audit
from lms.infra.db import for_update, reading, unit_of_work
from lms.infra.subtrees import moved, within
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.verdict import Denied
from lms.organisations import queries as organisations

SETTLED_AT_ONCE = 500
FIELDS = {
    "same_unit": ("unit", N_("此人员已经属于这个单位")),
    "before_held": ("from_on", N_("日期早于现有任职的开始日期，任职经历不能改写")),
    "too_far": ("from_on", N_("日期最晚为一年之后")),
    "ended": ("until_on", N_("这段任职已经结束")),
    "before_begin": ("until_on", N_("结束日期不能早于开始日期")),
}
UNIT_CLOSED = N_("这个单位已撤销或已合并，不能加入")
BELONGS_ALREADY = N_("此人员在这个单位已有任职")


class NotPossible(Invalid):
    """The membership can't be so."""

    code, title = "membership_refused", N_("任职关系不能这样更改")


def move(person_id: UUID, unit_id: UUID, *, from_on: date, by: Staff, reason: str, now: datetime) -> None:
    """Makes a unit the person's primary one from a day on; today's lists follow at once, a day to come when it comes.

    Plans that would begin after that day are taken back; a move to today's unit takes back a plan and changes nothing else.

    Raises NotFound (person or unit outside `by`'s reach), OnOneself, PersonGone, MorePowerful, PlannedElsewhere,
    NotPossible, Invalid.
    """
    reason = said(reason)
    with unit_of_work() as session:
        hold(session, person_id, by, account=True)
        _move(session, person_id, unit_id, from_on=from_on, by=by, reason=reason, now=now)


def follow_request(person_id: UUID, unit_id: UUID, *, by: Staff, now: datetime) -> None:
    """Moves a person whose unit was not listed to the one that an administrator says it is, from today on.

    `by` reaches what the request reaches: the union that the person named. Whoever has left it, or is about to move,
    stays where they are. Raises OnOneself, PersonGone, MorePowerful, NotPossible.
    """
    with unit_of_work() as session:
        queries.lock_person(session, by.person_id, person_id)
        if not by.reaches(queries.person(session, person_id).unit_path):
            return  # also where they closed their account: that is known there
        hold(session, person_id, by, account=True)
        held, today = queries.open_primary(session, person_id), day_of(now)
        if held is not None and (held.unit_id == unit_id or held.from_on > today):
            return
        _move(session, person_id, unit_id, from_on=today, by=by, reason="", now=now)


def add_secondary(person_id: UUID, unit_id: UUID, *, from_on: date, by: Staff, reason: str, now: datetime) -> UUID:
    """Adds a membership beside the primary one. Returns its id. Raises what move() raises."""
    reason = said(reason)
    with unit_of_work() as session:
        hold(session, person_id, by)
        unit = _open_to(organisations.held_units(session, [unit_id]).get(unit_id), by)
        verdict = rules.judge_move(None, unit_id, from_on, today=day_of(now))
        if isinstance(verdict, Denied):
            raise _refused(verdict)
        standing = select(MembershipRow.id).where(
            MembershipRow.person_id == person_id, MembershipRow.unit_id == unit_id, MembershipRow.until_on.is_(None)
        )
        if session.execute(standing).first() is not None:
            raise NotPossible(fields={"unit": BELONGS_ALREADY})
        added = _open(session, person_id, unit.id, primary=False, from_on=from_on, by=by.person_id, why=reason, now=now)
        details = {"unit": str(unit_id), "from_on": from_on.isoformat(), "reason": reason}
        _note(session, "membership.added", person_id, by.person_id, details, now=now)
        return added


def end_secondary(
    person_id: UUID, membership_id: UUID, *, until_on: date, by: Staff, reason: str, now: datetime
) -> None:
    """Ends a membership beside the primary one; `until_on` is the first day without it.

    Raises NotFound (also for a primary one: that ends by a move), OnOneself, PersonGone, HeldElsewhere, NotPossible, Invalid.
    """
    reason = said(reason)
    with unit_of_work() as session:
        hold(session, person_id, by)
        theirs = select(MembershipRow.unit_id, MembershipRow.from_on, MembershipRow.until_on).where(
            MembershipRow.id == membership_id, MembershipRow.person_id == person_id, ~MembershipRow.is_primary
        )
        seen = session.execute(theirs).first()
        if seen is None:
            raise NotFound
        unit = organisations.held_unit(session, seen.unit_id)  # before the row, which a merger of the unit ends
        row = session.execute(for_update(theirs)).one()
        if not by.reaches(unit.path):
            raise plans.HeldElsewhere
        verdict = rules.judge_end(row.from_on, row.until_on, until_on, today=day_of(now))
        if isinstance(verdict, Denied):
            raise _refused(verdict, field="until_on")
        _end(session, membership_id, until_on)
        details = {"unit": str(row.unit_id), "until_on": until_on.isoformat(), "reason": reason}
        _note(session, "membership.ended", person_id, by.person_id, details, now=now)


def end_all(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Ends whatever has no end yet, today or on the day it would have begun; for a person who is there no more.

    Moves that are planned are taken back first, so that nobody belongs to a unit until the day of a move that never comes.
    The caller holds the person. A merger of one of their units is waited for, or it would open anew what ends here.
    """
    today = day_of(now)
    plans.held_units(session, [person_id], today=today)
    plans.take_back_all(session, person_id, today=today)
    session.execute(
        update(MembershipRow)
        .where(MembershipRow.person_id == person_id, MembershipRow.until_on.is_(None))
        .values(until_on=_not_before_begin(today))
    )


def settle(*, now: datetime) -> int:
    """Lists people under the unit whose planned membership has begun. Returns how many; harmless when done twice."""
    today = day_of(now)
    with reading() as session:
        waiting = queries.begun_elsewhere(session, today, limit=SETTLED_AT_ONCE)
    if not waiting:
        return 0
    with unit_of_work() as session:
        queries.lock_person(session, *(person_id for person_id, _unit, _path in waiting))
        organisations.held_units(session, {unit_id for _person, unit_id, _path in waiting})
        held = {(person_id, unit_id) for person_id, unit_id, _path in waiting}
        fresh = queries.begun_elsewhere(session, today, limit=SETTLED_AT_ONCE)
        begun = [one for one in fresh if (one[0], one[1]) in held]
        for person_id, unit_id, path in begun:
            _stand(session, person_id, unit_id, path, now=now)
    return len(begun)


def _stand(session: Session, person_id: UUID, unit_id: UUID, path: str, *, now: datetime) -> None:
    """Lists somebody, and whoever turned out to be them, under a unit."""
    session.execute(
        update(PersonRow)
        .where(or_(PersonRow.id == person_id, PersonRow.merged_into == person_id))
        .values(unit_id=unit_id, unit_path=path)
        .execution_options(synchronize_session=False)
    )
    person_moved.send(session=session, person_id=person_id, at=now)


def follow_moves(moves: list[tuple[str, str]]) -> None:
    """Gives people the new paths of their units, by the beginnings of paths, in one statement."""
    if not moves:
        return
    with unit_of_work() as session:
        session.execute(
            update(PersonRow)
            .where(within(PersonRow.unit_path, [old for old, _new in moves]))
            .values(unit_path=moved(PersonRow.unit_path, moves))
            .execution_options(synchronize_session=False)
        )


def follow_merger(gone_id: UUID, into_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Ends the memberships of a unit that is no more and opens them in the one that it became part of, in few statements.

    Who is about to move away belongs to the other unit until that day.
    """
    today = day_of(now)
    with unit_of_work() as session:
        into = organisations.unit(session, into_id)
        standing = queries.standing_memberships_of_unit(session, gone_id, today)
        belongs = {row.person_id for row in queries.standing_memberships_of_unit(session, into_id, today)}
        session.execute(
            update(MembershipRow)
            .where(
                MembershipRow.unit_id == gone_id,
                or_(
                    MembershipRow.until_on.is_(None),
                    and_(MembershipRow.until_on > today, MembershipRow.until_on > MembershipRow.from_on),
                ),
            )
            .values(until_on=_not_before_begin(today))
            .execution_options(synchronize_session=False)
        )
        opened = [
            _values(row.person_id, into_id, row.is_primary, max(row.from_on, today), actor_id, "", now)
            | {"until_on": row.until_on}
            for row in standing
            if row.is_primary or row.person_id not in belongs
        ]
        session.add_all(MembershipRow(**values) for values in opened)
        session.flush()
        session.execute(
            update(PersonRow)
            .where(PersonRow.unit_id == gone_id)
            .values(unit_id=into_id, unit_path=into.path)
            .execution_options(synchronize_session=False)
        )


def _move(
    session: Session,
    person_id: UUID,
    unit_id: UUID,
    *,
    from_on: date,
    by: Staff,
    reason: str,
    now: datetime,
) -> None:
    today = day_of(now)
    units = plans.held_units(session, [person_id], [unit_id], today=today)
    unit, held = _open_to(units.get(unit_id), by), queries.open_primary(session, person_id)
    if held is not None:
        left = plans.without_later(session, person_id, held, from_on, units=units, by=by, today=today)
        if left != held:
            details = {"unit": str(held.unit_id), "from_on": held.from_on.isoformat(), "reason": reason}
            _note(session, "membership.plan_taken_back", person_id, by.person_id, details, now=now)
            if left.unit_id == unit.id and from_on >= left.from_on:
                return
        held = left
    verdict = rules.judge_move(held, unit.id, from_on, today=today)
    if isinstance(verdict, Denied):
        raise _refused(verdict)
    if held is not None:
        _end(session, held.id, from_on)
    _open(session, person_id, unit.id, primary=True, from_on=from_on, by=by.person_id, why=reason, now=now)
    if from_on <= today:
        _stand(session, person_id, unit.id, unit.path, now=now)
    details = {
        "old": str(held.unit_id) if held else "",
        "new": str(unit.id),
        "from_on": from_on.isoformat(),
        "reason": reason,
    }
    _note(session, "membership.moved", person_id, by.person_id, details, now=now)


def _open_to(unit: organisations.Unit | None, by: Staff) -> organisations.Unit:
    """A unit that people may join. Raises NotFound, NotPossible."""
    if unit is None or not by.reaches(unit.path):
        raise NotFound
    if unit.state != "open":
        raise NotPossible(fields={"unit": UNIT_CLOSED})
    return unit


def _values(
    person_id: UUID, unit_id: UUID, primary: bool, from_on: date, by: UUID | None, why: str, now: datetime
) -> dict[str, object]:
    return {
        "id": ids.new_id(now),
        "person_id": person_id,
        "unit_id": unit_id,
        "is_primary": primary,
        "from_on": from_on,
        "until_on": None,
        "recorded_at": now,
        "recorded_by": by,
        "reason": why,
    }


def _open(
    session: Session,
    person_id: UUID,
    unit_id: UUID,
    *,
    primary: bool,
    from_on: date,
    by: UUID | None,
    why: str,
    now: datetime,
) -> UUID:
    values = _values(person_id, unit_id, primary, from_on, by, why, now)
    session.add(MembershipRow(**values))
    session.flush()
    return values["id"]  # type: ignore[return-value]  # the dict mixes types


def _end(session: Session, membership_id: UUID, until_on: date) -> None:
    session.execute(
        update(MembershipRow)
        .where(MembershipRow.id == membership_id, MembershipRow.until_on.is_(None))
        .values(until_on=until_on)
    )


def _not_before_begin(day: date) -> case:  # type: ignore[valid-type]  # SQLAlchemy's case is a class and a function
    return case((MembershipRow.from_on > day, MembershipRow.from_on), else_=day)


def _refused(verdict: Denied, *, field: str | None = None) -> NotPossible:
    named, text = FIELDS[verdict.reason]
    return NotPossible(fields={field or named: text})


def _note(
    session: Session, action: str, person_id: UUID, actor_id: UUID | None, details: dict[str, str], *, now: datetime
) -> None:
    audit.record(
        session,
        action=action,
        object_type="person",
        object_id=person_id,
        actor_id=actor_id,
        details=details,
        now=now,
    )
