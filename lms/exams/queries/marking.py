"""Reads what waits to be marked: by item, without a word of whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.classes.models import TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.keys import ByHand
from lms.exams.domain.marking import Plan, ceilings
from lms.exams.domain.points import Points, points
from lms.exams.models import (
    AttemptRow,
    ExamRow,
    MarkingPassRow,
    MarkingPieceRow,
    MarkingPlanRow,
    MarkRow,
)
from lms.exams.queries.answer import answers
from lms.exams.queries.kept import items
from lms.infra import db
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.questionbank.domain.exchange import Picture

LISTED = 100
"""So many exams, and so many items of one, are listed at most."""


@dataclass(frozen=True)
class ExamRef:
    """An exam as staff know it."""

    id: UUID
    title: str
    class_id: UUID
    class_name: str
    unit_path: str


@dataclass(frozen=True)
class ToMark:
    """An exam with answers that wait, how many, and how many are settled."""

    exam: ExamRef
    waiting: int
    settled: int


@dataclass(frozen=True)
class ItemToMark:
    """An item of an exam: how far its answers are marked. `open_to_me` are those that I may still mark."""

    version_id: UUID
    stem: str
    type: str
    points: int
    waiting: int
    settled: int
    mine: int
    open_to_me: int
    flagged: int


@dataclass(frozen=True)
class MarkerTally:
    """What one marker has done in an exam; the mean is in per cent of the points."""

    marker_id: UUID
    marks: int
    mean: float


@dataclass(frozen=True)
class Asked:
    """One question of a piece: its text ("" of an item that has only one), the answer, and the most that it earns."""

    prompt: str
    answer: str
    most: Points


@dataclass(frozen=True)
class Piece:
    """An answer as its marker sees it."""

    id: UUID
    exam: ExamRef
    version_id: UUID
    stem: str
    type: str
    points: int
    reference: str
    explanation: str
    asked: tuple[Asked, ...]
    draft: Mapping[str, Any] | None
    flags: tuple[str, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Held:
    """What decides about a mark: the piece, who holds it, and the marks that it has."""

    id: UUID
    attempt_id: UUID
    exam_id: UUID
    version_id: UUID
    points: int
    wanted: int
    state: str
    held_by: UUID | None
    marks: tuple[int, ...]
    markers: tuple[UUID, ...]


_EXAM: tuple[Any, ...] = (ExamRow.id, ExamRow.title, TrainingClassRow.id, TrainingClassRow.name, UnitRow.path)


def staff_exam(session: Session, exam_id: UUID, scopes: Sequence[str], *, held: bool = False) -> ExamRef:
    """An exam of a class that a unit in some subtrees holds. Raises NotFound, alike for those elsewhere and for none.

    `held`: for an act; the unit stays where it is until the unit of work ends.
    """
    statement = (
        select(*_EXAM)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        # A class whose unit was merged while this waited went along with it.
        .where(ExamRow.id == exam_id, within(UnitRow.path, scopes), UnitRow.state != "merged")
    )
    row = session.execute(statement.with_for_update(read=True, of=UnitRow) if held else statement).first()
    if row is None:
        raise NotFound
    return ExamRef(*row)


def staff_exams(session: Session, scopes: Sequence[str], *, limit: int, offset: int = 0) -> tuple[ExamRef, ...]:
    """Exams of classes that units in some subtrees hold, the newest classes first. One statement."""
    rows = session.execute(
        select(*_EXAM)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(within(UnitRow.path, scopes))
        .order_by(TrainingClassRow.starts_on.desc(), ExamRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(ExamRef(*row) for row in rows)


def to_mark(session: Session, scopes: Sequence[str], *, limit: int = LISTED) -> tuple[ToMark, ...]:
    """Exams in some subtrees that have answers for people to mark, those that wait first. One statement."""
    waiting = func.sum(case((MarkingPieceRow.state == "waiting", 1), else_=0))
    counted = (
        select(MarkingPieceRow.exam_id, waiting.label("waiting"), func.count().label("pieces"))
        .group_by(MarkingPieceRow.exam_id)
        .subquery()
    )
    rows = session.execute(
        select(*_EXAM, counted.c.waiting, counted.c.pieces)
        .join(counted, counted.c.exam_id == ExamRow.id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(within(UnitRow.path, scopes))
        .order_by((counted.c.waiting > 0).desc(), TrainingClassRow.starts_on.desc(), ExamRow.id)
        .limit(limit)
    )
    return tuple(ToMark(ExamRef(*row[:5]), int(row[5]), int(row[6] - row[5])) for row in rows)


def waiting_to_be_marked(session: Session, scopes: Sequence[str], *, limit: int) -> int:
    """How many answers wait in some subtrees, counted no further than `limit`."""
    some = (
        select(MarkingPieceRow.id)
        .join(ExamRow, ExamRow.id == MarkingPieceRow.exam_id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(within(UnitRow.path, scopes), MarkingPieceRow.state == "waiting")
        .limit(limit)
    )
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def items_to_mark(session: Session, exam_id: UUID, marker_id: UUID, *, now: datetime) -> tuple[ItemToMark, ...]:
    """The items of an exam that people mark. Two statements, three when a text has to be read."""
    piece = MarkingPieceRow

    def count(*conditions: ColumnElement[bool]) -> Any:
        return func.sum(case((and_(*conditions), 1), else_=0))

    flagged = exists().where(MarkingPassRow.piece_id == piece.id, MarkingPassRow.flag != "")
    marked = exists().where(MarkRow.piece_id == piece.id, MarkRow.marker_id == marker_id)
    rows = session.execute(
        select(
            piece.item_version_id,
            func.max(piece.points),
            count(piece.state == "waiting"),
            count(piece.state == "settled"),
            count(marked),
            count(*_open_to(marker_id, now)),
            count(piece.state == "waiting", flagged),
        )
        .join(AttemptRow, AttemptRow.id == piece.attempt_id)
        .where(piece.exam_id == exam_id)
        .group_by(piece.item_version_id)
        .order_by(piece.item_version_id)
        .limit(LISTED)
    ).all()
    found = items(session, [row[0] for row in rows])
    return tuple(ItemToMark(row[0], found[row[0]].stem, found[row[0]].type, row[1], *map(int, row[2:])) for row in rows)


def marker_tallies(session: Session, exam_id: UUID) -> tuple[MarkerTally, ...]:
    """Who has marked how many answers of an exam and what they gave on average, the busiest first. One statement."""
    share = 1.0 * MarkRow.earned / MarkingPieceRow.points
    rows = session.execute(
        select(MarkRow.marker_id, func.count().label("marks"), func.avg(share))
        .join(MarkingPieceRow, MarkingPieceRow.id == MarkRow.piece_id)
        .where(MarkingPieceRow.exam_id == exam_id)
        .group_by(MarkRow.marker_id)
        .order_by(func.count().desc(), MarkRow.marker_id)
        .limit(LISTED)
    )
    return tuple(MarkerTally(marker, marks, round(float(mean), 1)) for marker, marks, mean in rows)


def marking_plan(session: Session, exam_id: UUID) -> Plan:
    """How the answers of an exam are marked now."""
    row = session.execute(
        select(MarkingPlanRow.markers, MarkingPlanRow.threshold)
        .where(MarkingPlanRow.exam_id == exam_id)
        .order_by(MarkingPlanRow.no.desc())
        .limit(1)
    ).first()
    return Plan(row.markers, row.threshold) if row else Plan()


def next_piece(session: Session, exam_id: UUID, version_id: UUID, marker_id: UUID, *, now: datetime) -> UUID | None:
    """The next answer to an item that a marker may take, locked: the one they hold, else the first in the queue.

    What they skipped comes last, what they flagged or have marked, and what is their own, never.
    """
    skipped = exists().where(MarkingPassRow.piece_id == MarkingPieceRow.id, MarkingPassRow.marker_id == marker_id)
    mine_first = case((MarkingPieceRow.held_by == marker_id, 0), else_=1)
    statement = (
        select(MarkingPieceRow.id)
        .join(AttemptRow, AttemptRow.id == MarkingPieceRow.attempt_id)
        .where(
            MarkingPieceRow.exam_id == exam_id,
            MarkingPieceRow.item_version_id == version_id,
            *_open_to(marker_id, now),
        )
        .order_by(mine_first, skipped, MarkingPieceRow.rank)
        .limit(1)
    )
    if db.dialect() == "postgresql":
        statement = statement.with_for_update(skip_locked=True, of=MarkingPieceRow)
    return session.execute(statement).scalar()


def _open_to(marker_id: UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a piece one that a marker may take now."""
    piece = MarkingPieceRow
    mine = aliases(marker_id)
    done = exists().where(MarkRow.piece_id == piece.id, MarkRow.marker_id.in_(mine))
    flagged = exists().where(
        MarkingPassRow.piece_id == piece.id, MarkingPassRow.marker_id.in_(mine), MarkingPassRow.flag != ""
    )
    return (
        piece.state == "waiting",
        AttemptRow.state == State.SUBMITTED.value,
        or_(piece.held_by.is_(None), piece.held_by == marker_id, piece.held_until < now),
        AttemptRow.person_id.not_in(mine),
        ~done,
        ~flagged,
    )


def candidate_of_piece(session: Session, piece_id: UUID) -> tuple[UUID, UUID]:
    """(whose answer it is, in which exam); that never changes. Raises NotFound."""
    found = session.execute(
        select(AttemptRow.person_id, MarkingPieceRow.exam_id)
        .join(MarkingPieceRow, MarkingPieceRow.attempt_id == AttemptRow.id)
        .where(MarkingPieceRow.id == piece_id)
    ).first()
    if found is None:
        raise NotFound
    return found.person_id, found.exam_id


def held(session: Session, piece_id: UUID) -> Held:
    """A piece, locked until the unit of work ends, with its marks. Raises NotFound."""
    row = session.execute(db.for_update(select(MarkingPieceRow).where(MarkingPieceRow.id == piece_id))).scalar()
    if row is None:
        raise NotFound
    marks = session.execute(
        select(MarkRow.earned, MarkRow.marker_id).where(MarkRow.piece_id == piece_id).order_by(MarkRow.no)
    ).all()
    return Held(
        row.id,
        row.attempt_id,
        row.exam_id,
        row.item_version_id,
        row.points,
        row.wanted,
        row.state,
        row.held_by,
        tuple(earned for earned, _ in marks),
        tuple(marker for _, marker in marks),
    )


def piece(session: Session, piece_id: UUID, scopes: Sequence[str], marker_id: UUID) -> Piece:
    """An answer that a marker holds. Raises NotFound for one that is not theirs to see now. Five statements at most."""
    row = session.execute(
        select(MarkingPieceRow, *_EXAM)
        .join(ExamRow, ExamRow.id == MarkingPieceRow.exam_id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(MarkingPieceRow.id == piece_id, within(UnitRow.path, scopes))
    ).first()
    if row is None or row[0].held_by != marker_id or row[0].state != "waiting":
        raise NotFound
    found = row[0]
    item = items(session, [found.item_version_id])[found.item_version_id]
    saved = answers(session, found.attempt_id).get(found.position)
    texts = saved.value if saved else ()
    prompts = item.prompts or ("",)
    flags = session.execute(
        select(MarkingPassRow.flag).where(MarkingPassRow.piece_id == piece_id, MarkingPassRow.flag != "")
    ).scalars()
    return Piece(
        id=found.id,
        exam=ExamRef(*row[1:]),
        version_id=found.item_version_id,
        stem=item.stem,
        type=item.type,
        points=found.points,
        reference=item.key.reference if isinstance(item.key, ByHand) else "",
        explanation=item.explanation,
        asked=tuple(
            Asked(prompt, texts[number] if number < len(texts) else "", points(most))
            for number, (prompt, most) in enumerate(zip(prompts, ceilings(found.points, len(prompts)), strict=True))
        ),
        draft=found.draft,
        flags=tuple(flags),
        pictures=item.pictures,
    )


def unfinished(session: Session, attempt_id: UUID) -> dict[int, int | None]:
    """What each answer of an attempt that people mark is worth, by position; None while it waits."""
    rows = session.execute(
        select(MarkingPieceRow.position, MarkingPieceRow.awarded).where(MarkingPieceRow.attempt_id == attempt_id)
    )
    return {row.position: row.awarded for row in rows}


def without_pieces(session: Session, *, limit: int) -> tuple[UUID, ...]:
    """Attempts that were handed in, are not graded, and have nothing in the queue."""
    known = exists().where(MarkingPieceRow.attempt_id == AttemptRow.id)
    rows = session.execute(
        select(AttemptRow.id)
        .where(AttemptRow.state == State.SUBMITTED.value, ~known)
        .order_by(AttemptRow.id)
        .limit(limit)
    )
    return tuple(rows.scalars())
