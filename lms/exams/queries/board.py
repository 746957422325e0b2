"""Reads the board of an exam that is under way: a fixed number of statements, no row an object of the ORM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.classes.queries import ENROLLED
from lms.exams.domain.attempts import State
from lms.exams.domain.watching import MOST_EVENTS, SILENT_AFTER, Kind, Seat, seat
from lms.exams.models import (
    AllowanceRequestRow,
    AllowanceRow,
    AnswerEventRow,
    AttemptEventRow,
    AttemptPresenceRow,
    AttemptRow,
    ExamRow,
)
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Counts:
    """How many candidates an exam has, how many of them have begun, and what their attempts are doing."""

    enrolled: int
    begun: int
    answering: int
    silent: int
    handed_in: int


@dataclass(frozen=True)
class Candidate:
    """A line of the board: an attempt as it stands now. `told` counts its events by kind."""

    attempt_id: UUID
    person_id: UUID
    name: str
    unit_name: str
    attempt_no: int
    seat: Seat
    started_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    questions: int
    answered: int
    sign_at: datetime
    told: Mapping[str, int]
    more_minutes: int

    @property
    def at_work(self) -> bool:
        """Whether the attempt is open."""
        return self.seat in (Seat.ANSWERING, Seat.SILENT)


@dataclass(frozen=True)
class Told:
    """One event of an attempt; `amount`: seconds away or cut off, characters pasted."""

    kind: Kind
    amount: int | None
    at: datetime


def place_of(session: Session, exam_id: UUID) -> tuple[UUID, str]:
    """The class of an exam, and the path of the unit that holds it. Raises NotFound."""
    row = session.execute(
        select(ExamRow.class_id, UnitRow.path)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(ExamRow.id == exam_id)
    ).first()
    if row is None:
        raise NotFound
    return row.class_id, row.path


def counts(session: Session, exam_id: UUID, class_id: UUID, *, now: datetime) -> Counts:
    """The numbers at the top of the board. One statement."""
    of_exam = select(func.count()).select_from(AttemptRow).where(AttemptRow.exam_id == exam_id)
    silent = of_exam.where(_silent(now)).scalar_subquery()
    row = session.execute(
        select(
            select(func.count())
            .select_from(EnrolmentRow)
            .where(EnrolmentRow.class_id == class_id, EnrolmentRow.state.in_(ENROLLED))
            .scalar_subquery(),
            select(func.count(AttemptRow.person_id.distinct()))
            .where(AttemptRow.exam_id == exam_id, AttemptRow.state != State.VOIDED.value)
            .scalar_subquery(),
            of_exam.where(AttemptRow.state == State.OPEN.value).scalar_subquery(),
            silent,
            of_exam.where(AttemptRow.state.in_(_HANDED_IN)).scalar_subquery(),
        )
    ).one()
    enrolled, begun, still_open, quiet, handed_in = row
    return Counts(enrolled, begun, still_open - quiet, quiet, handed_in)


def candidates(
    session: Session, exam_id: UUID, *, show: Seat | None, after: UUID | None, limit: int, now: datetime
) -> tuple[Candidate, ...]:
    """Attempts in the order in which they began, those after `after`; two statements whatever their number."""
    statement = _lines().where(AttemptRow.exam_id == exam_id)
    if after is not None:
        statement = statement.where(AttemptRow.id > after)
    if show is not None:
        statement = statement.where(_shown(show, now))
    return _candidates(session, statement.order_by(AttemptRow.id).limit(limit), now)


def candidate(session: Session, attempt_id: UUID, *, now: datetime) -> tuple[UUID, Candidate]:
    """One attempt as the board shows it, and its exam. Three statements. Raises NotFound."""
    exam_id = exam_id_of(session, attempt_id)
    (found,) = _candidates(session, _lines().where(AttemptRow.id == attempt_id), now)
    return exam_id, found


def exam_id_of(session: Session, attempt_id: UUID) -> UUID:
    """The exam of an attempt. Raises NotFound."""
    found = session.execute(select(AttemptRow.exam_id).where(AttemptRow.id == attempt_id)).scalar()
    if found is None:
        raise NotFound
    return found


def told(session: Session, attempt_id: UUID) -> tuple[Told, ...]:
    """The events of an attempt, the newest first."""
    rows = session.execute(
        select(AttemptEventRow.kind, AttemptEventRow.amount, AttemptEventRow.at)
        .where(AttemptEventRow.attempt_id == attempt_id)
        .order_by(AttemptEventRow.at.desc(), AttemptEventRow.id.desc())
        .limit(MOST_EVENTS)
    )
    return tuple(Told(Kind(kind), amount, at) for kind, amount, at in rows)


_HANDED_IN = (State.SUBMITTED.value, State.GRADED.value)


def _silent(now: datetime) -> ColumnElement[bool]:
    """Whether nothing was heard of an open attempt's page for too long; a save is a sign of life too, whoever sent it."""
    since = now - SILENT_AFTER
    presence, save = aliased(AttemptPresenceRow), aliased(AnswerEventRow)
    seen = select(presence.attempt_id).where(presence.attempt_id == AttemptRow.id, presence.seen_at >= since)
    saved = select(save.attempt_id).where(save.attempt_id == AttemptRow.id, save.received_at >= since)
    signs = [not_(one.correlate(AttemptRow).exists()) for one in (seen, saved)]
    return and_(AttemptRow.state == State.OPEN.value, AttemptRow.started_at < since, *signs)


def _shown(show: Seat, now: datetime) -> ColumnElement[bool]:
    if show is Seat.SILENT:
        return _silent(now)
    if show is Seat.ANSWERING:
        return and_(AttemptRow.state == State.OPEN.value, not_(_silent(now)))
    return AttemptRow.state.in_(_HANDED_IN) if show is Seat.HANDED_IN else AttemptRow.state == State.VOIDED.value


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            AttemptRow.id,
            AttemptRow.person_id,
            PersonRow.name,
            UnitRow.name.label("unit_name"),
            AttemptRow.attempt_no,
            AttemptRow.state,
            AttemptRow.started_at,
            AttemptRow.deadline,
            AttemptRow.submitted_at,
            AttemptRow.questions,
            AttemptPresenceRow.seen_at,
            _newest_save().label("saved_at"),
            _answered().label("answered"),
            select(func.coalesce(func.sum(AllowanceRequestRow.minutes), 0))
            .join(AllowanceRow, AllowanceRow.request_id == AllowanceRequestRow.id)
            .where(AllowanceRow.attempt_id == AttemptRow.id)
            .correlate(AttemptRow)
            .scalar_subquery()
            .label("more_minutes"),
        )
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .outerjoin(AttemptPresenceRow, AttemptPresenceRow.attempt_id == AttemptRow.id)
    )


def _newest_save() -> ScalarSelect[Any]:
    return (
        select(func.max(AnswerEventRow.received_at))
        .where(AnswerEventRow.attempt_id == AttemptRow.id)
        .correlate(AttemptRow)
        .scalar_subquery()
    )


def _answered() -> ScalarSelect[int]:
    """How many positions have an answer: of each the newest save, unless it took the answer back."""
    later = aliased(AnswerEventRow)
    newer = select(later.attempt_id).where(
        later.attempt_id == AnswerEventRow.attempt_id,
        later.position == AnswerEventRow.position,
        or_(
            later.epoch > AnswerEventRow.epoch,
            and_(later.epoch == AnswerEventRow.epoch, later.client_seq > AnswerEventRow.client_seq),
        ),
    )
    return (
        select(func.count())
        .select_from(AnswerEventRow)
        .where(AnswerEventRow.attempt_id == AttemptRow.id, AnswerEventRow.value != [], not_(newer.exists()))
        .correlate(AttemptRow)
        .scalar_subquery()
    )


def _candidates(session: Session, statement: Select[*tuple[Any, ...]], now: datetime) -> tuple[Candidate, ...]:
    rows = session.execute(statement).all()
    kinds: dict[UUID, dict[str, int]] = {row.id: {} for row in rows}
    counted = session.execute(
        select(AttemptEventRow.attempt_id, AttemptEventRow.kind, func.count())
        .where(AttemptEventRow.attempt_id.in_(list(kinds)))
        .group_by(AttemptEventRow.attempt_id, AttemptEventRow.kind)
    )
    for attempt_id, kind, number in counted:
        kinds[attempt_id][kind] = number
    return tuple(_candidate(row, kinds[row.id], now) for row in rows)


def _candidate(row: Any, kinds: Mapping[str, int], now: datetime) -> Candidate:
    sign_at = max(filter(None, (row.started_at, row.seen_at, row.saved_at)))
    return Candidate(
        attempt_id=row.id,
        person_id=row.person_id,
        name=row.name,
        unit_name=row.unit_name,
        attempt_no=row.attempt_no,
        seat=seat(State(row.state), sign_at, now),
        started_at=row.started_at,
        deadline=row.deadline,
        submitted_at=row.submitted_at,
        questions=row.questions,
        answered=row.answered,
        sign_at=sign_at,
        told=kinds,
        more_minutes=row.more_minutes,
    )
