"""Reads the figures of exams that a task has made, for the pages of results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.classes.models import TrainingClassRow
from lms.exams.domain import analysis
from lms.exams.domain.analysis import SCALE, Chosen, Sums
from lms.exams.domain.points import Points, points
from lms.exams.models import (
    ExamFiguresRow,
    ExamItemFigureRow,
    ExamRow,
    ExamStandingRow,
    ExamUnitFigureRow,
)
from lms.exams.queries.marking import ExamRef
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.organisations.models import UnitRow
from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.models import ItemSignalRow, ItemVersionRow

ROOT = "/"
LISTED_ITEMS = 500
LISTED_UNITS = 100


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
