"""Reads for the task that makes the figures of exams what they are made of: papers, results, who stands where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, case, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.exams.domain.analysis import Sums
from lms.exams.domain.attempts import State
from lms.exams.domain.points import joined
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
from lms.infra.subtrees import within
from lms.moderation.models import RevisionRow
from lms.questionbank.models import ItemVersionRow

_BATCH = 500


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


def to_count(session: Session, *, until: datetime, under_way: timedelta, limit: int) -> tuple[UUID, ...]:
    """Exams with results that are not counted yet; then, as many as fit, those of people who moved since they were counted.

    Whichever do not fit wait for as long as need be.
    """
    fresh = with_new_results(session, until=until, under_way=under_way)[:limit]
    moved = select(ExamFiguresRow.exam_id).where(ExamFiguresRow.stale, ExamFiguresRow.exam_id.not_in(fresh))
    oldest = moved.order_by(ExamFiguresRow.made_at, ExamFiguresRow.exam_id).limit(limit - len(fresh))
    return (*fresh, *session.execute(oldest).scalars())


def with_new_results(session: Session, *, until: datetime, under_way: timedelta) -> tuple[UUID, ...]:
    """Exams with scores, or later results, up to `until` that their own figures do not count: those without figures, then
    the ones that were counted the longest ago. Three statements.

    A result may be stored so long after its moment as it is `under_way`.
    """
    graded = AttemptRow.state == State.GRADED.value
    never = (
        select(ExamRow.id)
        .where(
            ~exists().where(ExamFiguresRow.exam_id == ExamRow.id),
            exists().where(AttemptRow.exam_id == ExamRow.id, graded),
        )
        .order_by(ExamRow.id)
    )
    fresh = list(session.execute(never).scalars())
    since = counted_until(session)
    if since is None:
        return tuple(fresh)
    results = union_all(
        select(AttemptRow.exam_id, ScoreRow.graded_at.label("at"))
        .join(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
        .where(ScoreRow.graded_at > since - under_way, ScoreRow.graded_at <= until),
        select(AttemptRow.exam_id, ScoreAdjustmentRow.adjusted_at.label("at"))
        .join(ScoreAdjustmentRow, ScoreAdjustmentRow.attempt_id == AttemptRow.id)
        .where(ScoreAdjustmentRow.adjusted_at > since - under_way, ScoreAdjustmentRow.adjusted_at <= until),
    ).subquery()
    newest = func.max(results.c.at, type_=results.c.at.type)
    rows = session.execute(
        select(ExamFiguresRow.exam_id, ExamFiguresRow.counted_until, newest)
        .join(results, results.c.exam_id == ExamFiguresRow.exam_id)
        .group_by(ExamFiguresRow.exam_id, ExamFiguresRow.counted_until)
        .order_by(ExamFiguresRow.counted_until, ExamFiguresRow.exam_id)
    )
    return (*fresh, *(exam_id for exam_id, counted, at in rows if at > counted - under_way))


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
    """The moment up to which the results of every exam that has figures were counted; None when none has."""
    return session.execute(select(func.min(ExamFiguresRow.counted_until))).scalar()


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
