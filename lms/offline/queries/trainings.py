"""Reads trainings, their people, and those of one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases, kept_path_on, post_on, unit_name_on
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.offline.domain.workflow import State
from lms.offline.models import OutsideTraineeRow, OutsideTrainingRow
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Training:
    """A training with its unit and how many people it lists; hours in hundredths."""

    id: UUID
    unit_id: UUID
    unit_path: str
    unit_name: str
    source: str
    ledger: str
    title: str
    organiser: str
    from_on: date
    until_on: date
    hours: int
    state: str
    proof_name: str
    proof_kind: str
    proof_sha256: str
    proof_bytes: int
    entered_by: UUID
    entered_at: datetime
    submitted_by: UUID | None
    submitted_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None
    comment: str
    people: int

    @property
    def open(self) -> bool:
        """Whether it may still be changed."""
        return self.state in {State.DRAFT, State.RETURNED}


@dataclass(frozen=True)
class Page:
    """Some trainings, the newest first, and whether older ones follow."""

    trainings: tuple[Training, ...]
    more: bool


@dataclass(frozen=True)
class Trainee:
    """Somebody whom a training lists."""

    person_id: UUID
    name: str
    unit_name: str
    post: str
    hours: int


@dataclass(frozen=True)
class Mine:
    """A training as somebody who attended sees it; `decided_by` is the name of who approved it, "" before."""

    id: UUID
    title: str
    organiser: str
    source: str
    ledger: str
    from_on: date
    until_on: date
    hours: int
    state: str
    unit_name: str
    proof_name: str
    decided_by: str
    decided_at: datetime | None


_people = (
    select(func.count())
    .where(OutsideTraineeRow.training_id == OutsideTrainingRow.id)
    .correlate(OutsideTrainingRow)
    .scalar_subquery()
)
_TRAINING: tuple[Any, ...] = (
    OutsideTrainingRow.id,
    OutsideTrainingRow.unit_id,
    OutsideTrainingRow.unit_path,
    UnitRow.name,
    OutsideTrainingRow.source,
    OutsideTrainingRow.ledger,
    OutsideTrainingRow.title,
    OutsideTrainingRow.organiser,
    OutsideTrainingRow.from_on,
    OutsideTrainingRow.until_on,
    OutsideTrainingRow.hours,
    OutsideTrainingRow.state,
    OutsideTrainingRow.proof_name,
    OutsideTrainingRow.proof_kind,
    OutsideTrainingRow.proof_sha256,
    OutsideTrainingRow.proof_bytes,
    OutsideTrainingRow.entered_by,
    OutsideTrainingRow.entered_at,
    OutsideTrainingRow.submitted_by,
    OutsideTrainingRow.submitted_at,
    OutsideTrainingRow.decided_by,
    OutsideTrainingRow.decided_at,
    OutsideTrainingRow.comment,
    _people,
)


def training(session: Session, training_id: UUID, scopes: Iterable[str]) -> Training:
    """One training of a unit in the scopes. Raises NotFound for others as for what does not exist."""
    row = session.execute(
        select(*_TRAINING)
        .join(UnitRow, UnitRow.id == OutsideTrainingRow.unit_id)
        .where(OutsideTrainingRow.id == training_id, in_scopes(scopes))
    ).first()
    if row is None:
        raise NotFound
    return Training(*row)


def in_scopes(scopes: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a training belongs to a unit in the scopes."""
    return within(OutsideTrainingRow.unit_path, scopes)


def page(
    session: Session, scopes: Iterable[str], *, state: str = "", after: UUID | None = None, limit: int = 30
) -> Page:
    """Trainings of the scopes, in one state or in all, those older than the training `after`."""
    wanted = [in_scopes(scopes)]
    if state:
        wanted.append(OutsideTrainingRow.state == state)
    if after is not None:
        wanted.append(OutsideTrainingRow.id < after)
    rows = session.execute(
        select(*_TRAINING)
        .join(UnitRow, UnitRow.id == OutsideTrainingRow.unit_id)
        .where(*wanted)
        .order_by(OutsideTrainingRow.id.desc())
        .limit(limit + 1)
    ).all()
    return Page(tuple(Training(*row) for row in rows[:limit]), len(rows) > limit)


def waiting(session: Session, scopes: Iterable[str], *, limit: int) -> int:
    """How many trainings of units below the scopes wait for approval, counted up to the limit."""
    scopes = tuple(scopes)
    below = or_(false(), *(and_(within(OutsideTrainingRow.unit_path, [one]), _stands_below(one)) for one in scopes))
    some = select(OutsideTrainingRow.id).where(OutsideTrainingRow.state == State.SUBMITTED, below).limit(limit)
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def _stands_below(path: str) -> ColumnElement[bool]:
    """The nation's own trainings are decided at its own level."""
    return true() if path.count("/") == 2 else OutsideTrainingRow.unit_path != path


def trainees(
    session: Session, training: Training, scopes: Iterable[str], *, today: date, limit: int
) -> tuple[Trainee, ...]:
    """Who is listed, by pinyin, up to the limit, with the unit of the last day: the one that the hours count for.

    The post stands only beside that unit: what somebody is elsewhere now is not the training's. Of who belongs, and belonged
    on that day, to none of the scopes no unit is told.
    """
    day = min(training.until_on, today)
    ours = _of_the_day_or_now(day, scopes)
    statement = (
        select(
            PersonRow.id,
            PersonRow.name,
            case((ours, unit_name_on(PersonRow.id, day)), else_=""),
            case((ours, post_on(day)), else_=""),
            OutsideTraineeRow.hours,
        )
        .join(PersonRow, PersonRow.id == OutsideTraineeRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(OutsideTraineeRow.training_id == training.id)
        .order_by(PersonRow.name_key, PersonRow.id)
        .limit(limit)
    )
    return tuple(Trainee(*row) for row in session.execute(statement))


def _of_the_day_or_now(day: date, scopes: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a person belongs to the scopes by their primary unit of a day, or what it merged into, or by today's."""
    reach = tuple(scopes)
    return or_(within(kept_path_on(day), reach), within(PersonRow.unit_path, reach))


def elsewhere(session: Session, training_id: UUID, path: str, day: date, *, limit: int) -> tuple[str, ...]:
    """Names of those listed who belonged to no unit below `path` on a day and belong to none now, by pinyin."""
    statement = (
        select(PersonRow.name)
        .join(OutsideTraineeRow, OutsideTraineeRow.person_id == PersonRow.id)
        .where(OutsideTraineeRow.training_id == training_id, not_(_of_the_day_or_now(day, [path])))
        .order_by(PersonRow.name_key, PersonRow.id)
        .limit(limit)
    )
    return tuple(session.execute(statement).scalars())


def of_person(session: Session, person_id: UUID, *, after: UUID | None = None, limit: int = 30) -> tuple[Mine, ...]:
    """The trainings that list a person and were handed in, the newest first."""
    decided = aliased(PersonRow)
    statement = (
        select(
            OutsideTrainingRow.id,
            OutsideTrainingRow.title,
            OutsideTrainingRow.organiser,
            OutsideTrainingRow.source,
            OutsideTrainingRow.ledger,
            OutsideTrainingRow.from_on,
            OutsideTrainingRow.until_on,
            OutsideTraineeRow.hours,
            OutsideTrainingRow.state,
            UnitRow.name,
            OutsideTrainingRow.proof_name,
            func.coalesce(decided.name, ""),
            OutsideTrainingRow.decided_at,
        )
        .join(OutsideTraineeRow, OutsideTraineeRow.training_id == OutsideTrainingRow.id)
        .join(UnitRow, UnitRow.id == OutsideTrainingRow.unit_id)
        .outerjoin(decided, decided.id == OutsideTrainingRow.decided_by)
        .where(
            OutsideTraineeRow.person_id.in_(aliases(person_id)),
            OutsideTrainingRow.state.in_((State.SUBMITTED, State.APPROVED, State.DECLINED)),
        )
    )
    if after is not None:
        statement = statement.where(OutsideTrainingRow.id < after)
    return tuple(
        Mine(*tuple(row)) for row in session.execute(statement.order_by(OutsideTrainingRow.id.desc()).limit(limit))
    )
