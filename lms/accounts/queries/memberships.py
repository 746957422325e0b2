"""Reads where people belong and belonged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lms.accounts.domain.membership import Held
from lms.accounts.models import MembershipRow, PersonRow
from lms.infra.subtrees import within
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today

SETTLED_WITHIN = timedelta(days=45)
"""How long after its first day a planned membership is still settled: longer than any worker stands still."""


@dataclass(frozen=True)
class Membership:
    """Where a person belongs from a day on; `until_on` is the first day on which it holds no more."""

    id: UUID
    unit_id: UUID
    unit_path: str
    unit_name: str
    is_primary: bool
    from_on: date
    until_on: date | None
    recorded_at: datetime
    reason: str


def memberships_of(session: Session, person_id: UUID, *, limit: int = 100) -> tuple[Membership, ...]:
    """A person's memberships, the newest first; those that were taken back before they began are left out."""
    rows = session.execute(
        select(
            MembershipRow.id,
            MembershipRow.unit_id,
            UnitRow.path,
            UnitRow.name,
            MembershipRow.is_primary,
            MembershipRow.from_on,
            MembershipRow.until_on,
            MembershipRow.recorded_at,
            MembershipRow.reason,
        )
        .join(UnitRow, UnitRow.id == MembershipRow.unit_id)
        .where(
            MembershipRow.person_id == person_id,
            or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > MembershipRow.from_on),
        )
        .order_by(MembershipRow.from_on.desc(), MembershipRow.is_primary.desc(), MembershipRow.id.desc())
        .limit(limit)
    )
    return tuple(Membership(*row) for row in rows)


def open_primary(session: Session, person_id: UUID) -> Held | None:
    """The primary membership without an end: today's, or the last one that is planned."""
    row = session.execute(
        select(MembershipRow.id, MembershipRow.unit_id, MembershipRow.from_on).where(
            MembershipRow.person_id == person_id, MembershipRow.is_primary, MembershipRow.until_on.is_(None)
        )
    ).first()
    return Held(*row) if row else None


def standing_memberships_of_unit(
    session: Session, unit_id: UUID, today: date
) -> Sequence[Row[UUID, UUID, bool, date, date | None]]:
    """Memberships of a unit that hold or are to hold, without an end or until a day to come.

    (id, person_id, is_primary, from_on, until_on); those that were taken back before they began hold on no day.
    """
    return session.execute(
        select(
            MembershipRow.id,
            MembershipRow.person_id,
            MembershipRow.is_primary,
            MembershipRow.from_on,
            MembershipRow.until_on,
        ).where(
            MembershipRow.unit_id == unit_id,
            or_(
                MembershipRow.until_on.is_(None),
                and_(MembershipRow.until_on > today, MembershipRow.until_on > MembershipRow.from_on),
            ),
        )
    ).all()


def begun_elsewhere(session: Session, today: date, *, limit: int) -> Sequence[Row[UUID, UUID, str]]:
    """People whose primary membership of today is in another unit than they are listed under: (person_id, unit_id, path).

    What was planned before its unit was merged stays with the unit that the merger named.
    """
    statement = (
        select(MembershipRow.person_id, UnitRow.id, UnitRow.path)
        .join(PersonRow, PersonRow.id == MembershipRow.person_id)
        .join(UnitRow, UnitRow.id == MembershipRow.unit_id)
        .where(
            MembershipRow.is_primary,
            MembershipRow.from_on <= today,
            MembershipRow.from_on > today - SETTLED_WITHIN,
            or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > today),
            PersonRow.unit_id != MembershipRow.unit_id,
            UnitRow.state != "merged",
        )
        .order_by(MembershipRow.person_id)
        .limit(limit)
    )
    return session.execute(statement).all()


def misplaced(session: Session) -> Iterator[UUID]:
    """People whose path is not the one of the unit they are listed under: none, unless somebody wrote it elsewhere."""
    statement = select(PersonRow.id).join(UnitRow, UnitRow.id == PersonRow.unit_id)
    yield from session.execute(statement.where(PersonRow.unit_path != UnitRow.path)).scalars()


def units_on(session: Session, person_ids: Sequence[UUID], day: date) -> dict[UUID, tuple[UUID, str]]:
    """Unit of each person's primary membership on a day, and its path; of the nearest one, where none held on that day."""
    then = aliased(UnitRow)
    there = func.coalesce(_of_primary(then, then.id, PersonRow.id, day), PersonRow.unit_id)
    rows = session.execute(
        select(PersonRow.id, UnitRow.id, UnitRow.path)
        .join(UnitRow, UnitRow.id == there)
        .where(PersonRow.id.in_(person_ids))
    )
    return {person_id: (unit_id, path) for person_id, unit_id, path in rows}


def kept_path_on(day: date) -> ColumnElement[str]:
    """For a statement on PersonRow: the path of what `unit_name_on` names; if it merged, of the unit that has its people and
    papers now."""
    then = aliased(UnitRow)
    return func.coalesce(_of_primary(then, path_today(then.id), PersonRow.id, day), PersonRow.unit_path)


def unit_name_on(person_id: ColumnElement[UUID] | InstrumentedAttribute[UUID], day: date) -> ColumnElement[str]:
    """For a statement that joins PersonRow with its UnitRow: the name of a person's primary unit on a day; of the last one
    before, or else the first one after it, where none held on that day.

    Lists of something that took place show this: where somebody went later is the business of those who reach them there.
    """
    then = aliased(UnitRow)
    return func.coalesce(_of_primary(then, then.name, person_id, day), UnitRow.name)


def post_on(day: date) -> ColumnElement[str]:
    """For a statement on PersonRow: the post of a person, "" when they work elsewhere now than on a day: the post is today's."""
    then = aliased(UnitRow)
    there = func.coalesce(_of_primary(then, then.id, PersonRow.id, day), PersonRow.unit_id)
    return case((PersonRow.unit_id == there, PersonRow.post), else_="")


def _of_primary(
    unit: type[UnitRow],
    column: InstrumentedAttribute[Any] | ColumnElement[Any],
    person_id: ColumnElement[UUID] | InstrumentedAttribute[UUID],
    day: date,
) -> ColumnElement[Any]:
    begun = MembershipRow.from_on <= day
    on_that_day = and_(begun, or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > day))
    return (
        select(column)
        .select_from(unit)
        .join(MembershipRow, MembershipRow.unit_id == unit.id)
        .where(
            MembershipRow.person_id == person_id,
            MembershipRow.is_primary,
            or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > MembershipRow.from_on),
        )
        .order_by(  # else the last one before that day, else the first one after it
            on_that_day.desc(),
            begun.desc(),
            case((begun, MembershipRow.from_on)).desc(),
            MembershipRow.from_on,
            MembershipRow.id,
        )
        .limit(1)
        .scalar_subquery()
    )


def count_at(session: Session, path: str, today: date, *, limit: int) -> int:
    """How many people belong to units at a path or below, counted up to `limit`: today, on days to come, or beside their
    primary unit. Who left belongs nowhere any more."""
    listed = (
        select(PersonRow.id)
        .where(within(PersonRow.unit_path, [path]), PersonRow.merged_into.is_(None), PersonRow.closed_at.is_(None))
        .limit(limit)
    )
    found = session.execute(select(func.count()).select_from(listed.subquery())).scalar_one()
    if found >= limit:
        return found
    to_come = and_(MembershipRow.until_on > today, MembershipRow.until_on > MembershipRow.from_on)
    others = (
        select(MembershipRow.person_id)
        .distinct()
        .join(UnitRow, UnitRow.id == MembershipRow.unit_id)
        .join(PersonRow, PersonRow.id == MembershipRow.person_id)
        .where(
            within(UnitRow.path, [path]),
            or_(MembershipRow.until_on.is_(None), and_(MembershipRow.is_primary, to_come)),
            PersonRow.merged_into.is_(None),
            PersonRow.closed_at.is_(None),
            not_(within(PersonRow.unit_path, [path])),
        )
        .limit(limit - found)
    )
    return found + session.execute(select(func.count()).select_from(others.subquery())).scalar_one()
