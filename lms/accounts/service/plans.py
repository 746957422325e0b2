"""Takes back moves that are planned and have not begun, as if they had never been planned; the rows stay, as empty spans."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain.membership import Held
from lms.accounts.domain.reach import Staff
from lms.accounts.models import MembershipRow
from lms.kernel.errors import N_, Forbidden
from lms.organisations import queries as organisations


class PlannedElsewhere(Forbidden):
    """The person is about to move to a unit that the one who acts does not reach."""

    code, title = "planned_elsewhere", N_("此人员已有计划中的调动，调入单位不在您的管理范围内，请由其上级管理员办理")


class HeldElsewhere(Forbidden):
    """The membership is of a unit that the one who acts does not reach: who reaches both ends it, as only they could give it."""

    code, title = "held_elsewhere", N_("这个兼职单位不在您的管理范围内，请由同时管理两个单位的上级工会办理")


def held_units(
    session: Session, person_ids: Collection[UUID], wanted: Collection[UUID] = (), *, today: date
) -> dict[UUID, organisations.Unit]:
    """The units that people are to move to, with all of theirs of today and of what is planned, held until the unit of work ends.

    A merger that was under way gives a plan another unit, so the plans are read again after the wait. What of them is read
    from here on stays as it is.
    """
    ahead = select(MembershipRow.unit_id).where(
        MembershipRow.person_id.in_(person_ids),
        or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > today),
    )
    held: dict[UUID, organisations.Unit] = {}
    asked: set[UUID] = set()
    while more := {*wanted, *session.execute(ahead).scalars()} - asked:
        held |= organisations.held_units(session, more)
        asked |= more
    return held


def without_later(
    session: Session,
    person_id: UUID,
    held: Held,
    from_on: date,
    *,
    units: Mapping[UUID, organisations.Unit],
    by: Staff,
    today: date,
) -> Held:
    """Takes back the plans that would begin after a day. Returns the primary membership that has no end then.

    `units`: what `held_units` gave.

    A plan stays where the unit before it is no more: there is nothing to return to.
    Raises PlannedElsewhere when `by` does not reach a plan that goes, or the one that the move would end.
    """
    while held.from_on > today:
        if not by.reaches(units[held.unit_id].path):
            raise PlannedElsewhere
        before = _before(session, person_id, held) if from_on < held.from_on else None
        if before is None or units[before.unit_id].state != "open":
            break
        _give_way(session, held, before)
        held = before
    return held


def take_back_all(session: Session, person_id: UUID, *, today: date) -> None:
    """Takes back every move that is to begin after today, whoever planned it: the person is there no more."""
    held = queries.open_primary(session, person_id)
    while held is not None and held.from_on > today and (before := _before(session, person_id, held)) is not None:
        _give_way(session, held, before)
        held = before


def _before(session: Session, person_id: UUID, plan: Held) -> Held | None:
    """The primary membership that ends where the plan begins."""
    row = session.execute(
        select(MembershipRow.id, MembershipRow.unit_id, MembershipRow.from_on).where(
            MembershipRow.person_id == person_id,
            MembershipRow.is_primary,
            MembershipRow.until_on == plan.from_on,
            MembershipRow.from_on < plan.from_on,
        )
    ).first()
    return Held(*row) if row else None


def _give_way(session: Session, plan: Held, before: Held) -> None:
    """The plan holds on no day, and what it would have followed goes on."""
    _set_end(session, plan.id, plan.from_on)
    _set_end(session, before.id, None)


def _set_end(session: Session, membership_id: UUID, until_on: date | None) -> None:
    session.execute(update(MembershipRow).where(MembershipRow.id == membership_id).values(until_on=until_on))
