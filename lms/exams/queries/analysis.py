"""Reads figures of exams that a task has made, and for that task the papers and results they are made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.classes.models import TrainingClassRow
from lms.exams.domain import analysis
from lms.exams.domain.analysis import SCALE, Chosen, Sums
from lms.exams.domain.attempts import State
from lms.exams.domain.points import Points, joined, points
from lms.exams.models import (
    AttemptQuestionRow,
    AttemptRow,
    ExamFiguresRow,
    ExamItemFigureRow,
    ExamRow,
    ExamStandingRow,
    ExamUnitFigureRow,
    ScoreAdjustmentRow,
    ScoreRow,
)
from lms.exams.queries.marking import ExamRef
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.moderation.models import RevisionRow
from lms.organisations.models import UnitRow
from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.models import ItemSignalRow, ItemVersionRow

ROOT = "/"
LISTED_ITEMS = 500
LISTED_UNITS = 100
_BATCH = 500


@dataclass(frozen=True)
class Reach:
    """An exam as somebody may see its results: everybody's, or those of people in some subtrees (`scopes`).

    Figures of subtrees are not `told` from when somebody moved until they are counted anew.
    """

    exam: ExamRef
    everybody: bool
    scopes: tuple[str, ...]
    told: bool


@dataclass(frozen=True)
class UnitFigures:
    """How the people of a unit did; shares of the maximum are between 0 and 1."""

    unit_id: UUID | None
    name: str
    persons: int
    passed: int
    mean: float
    bins: tuple[int, ...]


@dataclass(frozen=True)
class PersonResult:
    """One person's result that counts."""

    person_id: UUID
    name: str
    unit_name: str
    score: Points
    max_score: int
    passed: bool
    attempts: int


@dataclass(frozen=True)
class OptionRate:
    """How often an option was chosen, and how its choosers did on the rest of the paper."""

    key: str
    right: bool
    rate: float
    mean: float


@dataclass(frozen=True)
class ItemFigures:
    """What the results of an exam say about one item; `flags` are those of all exams together."""

    version_id: UUID
    ref: str
    stem: str
    type: str
    n: int
    difficulty: float | None
    discrimination: float | None
    options: tuple[OptionRate, ...]
    flags: tuple[Signal, ...]


@dataclass(frozen=True)
class Graded:
    """A graded attempt for the task: whose, where, what it earned, and its sheet with the item at each place."""

    attempt_id: UUID
    person_id: UUID
    unit_path: str
    rules_version: int
    score: int
    max_score: int
    passed: bool
    sheet: list[dict[str, Any]]
    items: Mapping[int, UUID]


def _seen(scopes: Sequence[str]) -> ColumnElement[bool]:
    """Exams of classes in the scopes, and those that people of today sat; who moved since the last count is looked for."""
    still_there = (
        select(ExamStandingRow.exam_id)
        .join(PersonRow, PersonRow.id == ExamStandingRow.person_id)
        .where(ExamStandingRow.exam_id == ExamFiguresRow.exam_id, within(PersonRow.unit_path, scopes))
    )
    figures = (
        select(ExamUnitFigureRow.exam_id)
        .join(ExamFiguresRow, ExamFiguresRow.exam_id == ExamUnitFigureRow.exam_id)
        .where(ExamUnitFigureRow.path.in_(scopes), or_(ExamFiguresRow.stale.is_(False), still_there.exists()))
    )
    return or_(within(UnitRow.path, scopes), ExamRow.id.in_(figures))


def result_exams(session: Session, scopes: Sequence[str], *, limit: int, offset: int = 0) -> tuple[ExamRef, ...]:
    """Exams of classes in some subtrees, and those that people of these subtrees sat, the newest classes first."""
    rows = session.execute(
        select(ExamRow.id, ExamRow.title, TrainingClassRow.id, TrainingClassRow.name, UnitRow.path)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(_seen(scopes))
        .order_by(TrainingClassRow.starts_on.desc(), ExamRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(ExamRef(*row) for row in rows)


def result_reach(session: Session, exam_id: UUID, scopes: Sequence[str]) -> Reach:
    """Whose results of an exam somebody may see. Raises NotFound, alike for exams elsewhere and for none."""
    row = session.execute(
        select(ExamRow.id, ExamRow.title, TrainingClassRow.id, TrainingClassRow.name, UnitRow.path)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .where(ExamRow.id == exam_id, _seen(scopes))
    ).first()
    if row is None:
        raise NotFound
    everybody = any(covers(scope, row[4]) for scope in scopes)
    stale = session.execute(select(ExamFiguresRow.stale).where(ExamFiguresRow.exam_id == exam_id)).scalar()
    return Reach(ExamRef(*row), everybody, tuple(scopes), told=everybody or not stale)


def made_at(session: Session, exam_id: UUID) -> datetime | None:
    """When the figures of an exam were made; None before the first time."""
    return session.execute(select(ExamFiguresRow.made_at).where(ExamFiguresRow.exam_id == exam_id)).scalar()


def unit_figures(session: Session, exam_id: UUID, path: str) -> UnitFigures | None:
    """The figures of a unit with all below it, None when nobody of it sat the exam."""
    row = session.execute(
        select(ExamUnitFigureRow).where(ExamUnitFigureRow.exam_id == exam_id, ExamUnitFigureRow.path == path)
    ).scalar()
    return _unit(None, "", row) if row else None


def figures_below(session: Session, exam_id: UUID, unit_id: UUID) -> tuple[UnitFigures, ...]:
    """The figures of the units right below one that have people in the exam, the most people first."""
    return _figures_of(session, exam_id, UnitRow.parent_id == unit_id)


def figures_at(session: Session, exam_id: UUID, paths: Sequence[str]) -> tuple[UnitFigures, ...]:
    """The same of the units at some paths."""
    return _figures_of(session, exam_id, UnitRow.path.in_(paths))


def has_figures(session: Session, exam_id: UUID, unit_id: UUID) -> bool:
    """Whether people of a unit sat the exam, as it was counted last."""
    return bool(_figures_of(session, exam_id, UnitRow.id == unit_id))


def _figures_of(session: Session, exam_id: UUID, condition: ColumnElement[bool]) -> tuple[UnitFigures, ...]:
    rows = session.execute(
        select(UnitRow.id, UnitRow.name, ExamUnitFigureRow)
        .join(ExamUnitFigureRow, ExamUnitFigureRow.path == UnitRow.path)
        .where(condition, ExamUnitFigureRow.exam_id == exam_id)
        .order_by(ExamUnitFigureRow.persons.desc(), UnitRow.id)
        .limit(LISTED_UNITS)
    )
    return tuple(_unit(*row) for row in rows)


def _unit(unit_id: UUID | None, name: str, row: ExamUnitFigureRow) -> UnitFigures:
    mean = row.shares / row.persons / SCALE if row.persons else 0.0
    return UnitFigures(unit_id, name, row.persons, row.passed, mean, tuple(row.bins))


def standings(
    session: Session, reach: Reach, path: str | None, *, after: UUID | None, limit: int
) -> tuple[PersonResult, ...]:
    """Results of people, by pinyin, who follow the person `after`; `path` limits them to a unit. Two statements at most."""
    conditions = [ExamStandingRow.exam_id == reach.exam.id]
    if not reach.everybody:
        conditions.append(within(PersonRow.unit_path, reach.scopes))
    if path is not None:
        conditions.append(within(PersonRow.unit_path, [path]))
    if after is not None:
        last = select(PersonRow.name_key).join(ExamStandingRow, ExamStandingRow.person_id == PersonRow.id)
        place = session.execute(last.where(PersonRow.id == after, *conditions)).scalar()
        if place is not None:
            conditions.append(tuple_(PersonRow.name_key, PersonRow.id) > tuple_(place, after))
    rows = session.execute(
        select(
            PersonRow.id,
            PersonRow.name,
            UnitRow.name,
            ExamStandingRow.score,
            ExamStandingRow.max_score,
            ExamStandingRow.passed,
            ExamStandingRow.attempts,
        )
        .join(PersonRow, PersonRow.id == ExamStandingRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(*conditions)
        .order_by(PersonRow.name_key, PersonRow.id)
        .limit(limit)
    )
    return tuple(PersonResult(row[0], row[1], row[2], points(row[3]), *row[4:]) for row in rows)


def item_figures(session: Session, exam_id: UUID) -> tuple[ItemFigures, ...]:
    """The items of an exam, those to look at first, then the hardest. One statement."""
    rows = session.execute(
        select(
            ExamItemFigureRow,
            ItemVersionRow.ref,
            ItemVersionRow.stem,
            ItemVersionRow.type,
            ItemVersionRow.answer,
            ItemSignalRow.flags,
        )
        .join(ItemVersionRow, ItemVersionRow.id == ExamItemFigureRow.item_version_id)
        .outerjoin(ItemSignalRow, ItemSignalRow.item_version_id == ExamItemFigureRow.item_version_id)
        .where(ExamItemFigureRow.exam_id == exam_id)
        .order_by(ExamItemFigureRow.x * 1.0 / ExamItemFigureRow.n, ItemVersionRow.ref)
        .limit(LISTED_ITEMS)
    )
    listed = [_item(*row) for row in rows]
    return tuple(sorted(listed, key=lambda one: not one.flags))


def _item(row: ExamItemFigureRow, ref: str, stem: str, kind: str, answer: Any, flags: Any) -> ItemFigures:
    sums = Sums(row.n, row.x, row.xx, row.y, row.yy, row.xy)
    options = tuple(
        OptionRate(key, key in answer, count / row.n, Chosen(count, y).mean)
        for key, (count, y) in sorted(row.options.items())
    )
    return ItemFigures(
        row.item_version_id,
        ref,
        stem,
        kind,
        row.n,
        analysis.difficulty(sums),
        analysis.discrimination(sums),
        options,
        tuple(map(Signal, flags or ())),
    )


def sums_of_items(session: Session, version_ids: Sequence[UUID]) -> dict[UUID, Sums]:
    """The sums of some items over all exams. One statement."""
    row = ExamItemFigureRow
    rows = session.execute(
        select(
            row.item_version_id,
            *(func.sum(column) for column in (row.n, row.x, row.xx, row.y, row.yy, row.xy)),
        )
        .where(row.item_version_id.in_(version_ids))
        .group_by(row.item_version_id)
    )
    return {one[0]: Sums(*map(int, one[1:])) for one in rows}


def authors_of_items(session: Session, version_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str, str]]:
    """Author, bank and code of items by version: who wrote it, or who handed in the lecture that it came with.

    Of joined accounts it is the one that stays.
    """
    rows = session.execute(
        select(
            ItemVersionRow.id,
            func.coalesce(PersonRow.merged_into, PersonRow.id),
            ItemVersionRow.bank_code,
            ItemVersionRow.ref,
        )
        .outerjoin(RevisionRow, RevisionRow.id == ItemVersionRow.revision_id)
        .join(PersonRow, PersonRow.id == func.coalesce(RevisionRow.author_id, ItemVersionRow.author_id))
        .where(ItemVersionRow.id.in_(version_ids))
    )
    return {version_id: (author, bank_code, ref) for version_id, author, bank_code, ref in rows}


def to_count(session: Session, *, since: datetime, until: datetime, limit: int) -> tuple[UUID, ...]:
    """Exams with scores, or later results, between two moments; then, as many as fit, those of people who moved since they were
    counted, which wait for as long as need be.
    """
    graded = (
        select(AttemptRow.exam_id)
        .join(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
        .where(ScoreRow.graded_at > since, ScoreRow.graded_at <= until)
    )
    adjusted = (
        select(AttemptRow.exam_id)
        .join(ScoreAdjustmentRow, ScoreAdjustmentRow.attempt_id == AttemptRow.id)
        .where(ScoreAdjustmentRow.adjusted_at > since, ScoreAdjustmentRow.adjusted_at <= until)
    )
    fresh = tuple(session.execute(graded.union(adjusted).limit(limit)).scalars())
    moved = select(ExamFiguresRow.exam_id).where(ExamFiguresRow.stale, ExamFiguresRow.exam_id.not_in(fresh))
    oldest = moved.order_by(ExamFiguresRow.made_at, ExamFiguresRow.exam_id).limit(limit - len(fresh))
    return (*fresh, *session.execute(oldest).scalars())


def places_of_counted(session: Session, exam_id: UUID) -> dict[UUID, str]:
    """Path of today by person of those whom the figures of an exam count; the path of who was joined to another is ""."""
    rows = session.execute(
        select(PersonRow.id, case((PersonRow.merged_into.is_(None), PersonRow.unit_path), else_=""))
        .join(ExamStandingRow, ExamStandingRow.person_id == PersonRow.id)
        .where(ExamStandingRow.exam_id == exam_id)
    )
    return {row[0]: row[1] for row in rows}


def exams_counting(*, person_id: UUID | None, paths: Sequence[str]) -> Select[UUID] | CompoundSelect[UUID]:
    """For `column.in_(…)`: exams whose figures count a person, under whatever account, or people of units at some paths, or will
    when they are made the next time."""
    if person_id is not None:
        return select(AttemptRow.exam_id).where(AttemptRow.person_id.in_(aliases(person_id)))
    counted = select(ExamUnitFigureRow.exam_id).where(within(ExamUnitFigureRow.path, paths))
    theirs = select(AttemptRow.exam_id).join(PersonRow, PersonRow.id == AttemptRow.person_id)
    return counted.union(theirs.where(within(PersonRow.unit_path, paths)))


def counted_until(session: Session) -> datetime | None:
    """The latest moment up to which scores of any exam were counted."""
    return session.execute(select(func.max(ExamFiguresRow.counted_until))).scalar()


def graded_attempts(session: Session, exam_id: UUID) -> Iterator[Graded]:
    """All graded attempts of an exam in the order in which they began, those of joined accounts under the one that stays."""
    after: UUID | None = None
    while batch := _graded(session, exam_id, after):
        yield from batch
        after = batch[-1].attempt_id


def _graded(session: Session, exam_id: UUID, after: UUID | None) -> list[Graded]:
    earner, owner, later, newest = (
        aliased(PersonRow),
        aliased(PersonRow),
        aliased(ScoreAdjustmentRow),
        aliased(ScoreAdjustmentRow),
    )
    last = select(func.max(newest.no)).where(newest.attempt_id == AttemptRow.id).scalar_subquery()
    rows = session.execute(
        select(
            AttemptRow.id,
            owner.id,
            owner.unit_path,
            AttemptRow.rules_version,
            ScoreRow.score,
            ScoreRow.fraction,
            ScoreRow.max_score,
            ScoreRow.passed,
            ScoreRow.sheet,
            later.score,
            later.fraction,
            later.passed,
            later.sheet,
        )
        .join(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
        .join(earner, earner.id == AttemptRow.person_id)
        .join(owner, owner.id == func.coalesce(earner.merged_into, earner.id))
        .outerjoin(later, (later.attempt_id == AttemptRow.id) & (later.no == last))
        .where(
            AttemptRow.exam_id == exam_id,
            AttemptRow.state == State.GRADED.value,
            *([AttemptRow.id > after] if after else []),
        )
        .order_by(AttemptRow.id)
        .limit(_BATCH)
    ).all()
    places: dict[UUID, dict[int, UUID]] = {row[0]: {} for row in rows}
    for attempt_id, position, version_id in session.execute(
        select(AttemptQuestionRow.attempt_id, AttemptQuestionRow.position, AttemptQuestionRow.item_version_id).where(
            AttemptQuestionRow.attempt_id.in_(list(places))
        )
    ):
        places[attempt_id][position] = version_id
    return [
        Graded(
            row[0],
            row[1],
            row[2],
            row[3],
            joined(row[4], row[5]) if row[9] is None else joined(row[9], row[10]),
            row[6] * 100,
            row[7] if row[9] is None else row[11],
            row[12] or row[8],
            places[row[0]],
        )
        for row in rows
    ]
