"""What never changes once it is stored, kept by the process: frozen papers, item versions, versions of rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.keys import Partial
from lms.exams.domain.terms import Counts, Limits, Rules, Terms
from lms.exams.models import AttemptQuestionRow, ExamRulesRow
from lms.exams.queries.examined import ExamItem, exam_item
from lms.infra.cache import Kept
from lms.infra.types import Uuid
from lms.questionbank import queries as questionbank

_papers: Kept[UUID, Paper] = Kept(2_000)
_items: Kept[UUID, ExamItem] = Kept(5_000)
_rules: Kept[tuple[UUID, int], Rules] = Kept(500)

_ENTRIES = (
    select(
        AttemptQuestionRow.position,
        AttemptQuestionRow.item_version_id,
        AttemptQuestionRow.type,
        AttemptQuestionRow.points,
        AttemptQuestionRow.option_order,
    )
    .where(AttemptQuestionRow.attempt_id == bindparam("attempt_id", type_=Uuid))
    .order_by(AttemptQuestionRow.position)
)


def paper(session: Session, attempt_id: UUID) -> Paper:
    """The frozen paper of an attempt; without an entry when there is no such attempt."""

    def load(_lacking: list[UUID]) -> Mapping[UUID, Paper]:
        rows = session.execute(_ENTRIES, {"attempt_id": attempt_id}).all()
        entries = tuple(
            PaperEntry(place, item, kind, points, tuple(order)) for place, item, kind, points, order in rows
        )
        return {attempt_id: Paper(entries)} if entries else {}

    return _papers.of([attempt_id], load).get(attempt_id, Paper(()))


def items(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, ExamItem]:
    """Versions of items by id, with their keys, of those that are or were published: what is written or reviewed is not told, and
    what changes is never kept. Whether one is published now is not told here.
    """
    return _items.of(version_ids, lambda lacking: _load_items(session, lacking))


def _load_items(session: Session, version_ids: list[UUID]) -> dict[UUID, ExamItem]:
    found = questionbank.item_versions(session, version_ids)
    return {one.id: exam_item(one) for one in found.values() if one.frozen}


def rules(session: Session, exam_id: UUID, version: int) -> Rules:
    """One version of an exam's rules."""

    def load(_lacking: Sequence[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], Rules]:
        found = session.execute(
            select(ExamRulesRow).where(ExamRulesRow.exam_id == exam_id, ExamRulesRow.version == version)
        ).scalar_one()
        return {(exam_id, version): rules_of(found)}

    return _rules.of([(exam_id, version)], load)[exam_id, version]


def rules_of(row: ExamRulesRow) -> Rules:
    """The rules that a row holds."""
    return Rules(
        version=row.version,
        blueprint=Blueprint(
            tuple(section_of(one) for one in row.sections),
            minutes=row.minutes,
            pass_mark=row.pass_mark,
            max_attempts=row.max_attempts,
            shuffle_items=row.shuffle_items is not False,
            shuffle_options=row.shuffle_options is not False,
        ),
        grace=timedelta(seconds=row.grace_seconds),
        review=row.review,
        terms=Terms(
            limits=Limits(row.limits or Limits.START),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            late_entry=timedelta(minutes=row.late_entry_minutes) if row.late_entry_minutes else None,
            wait=timedelta(minutes=row.wait_minutes or 0),
            counts=Counts(row.counts or Counts.BEST),
            partial=Partial(row.partial or Partial.ALL_OR_NOTHING),
            review_from=row.review_from,
        ),
    )


def section_of(data: Mapping[str, Any]) -> Section:
    """A section as the rules keep it."""
    return Section(
        data["type"],
        data["count"],
        data["points"],
        tuple(data["banks"]),
        tuple(data.get("knowledge_points", ())),
        tuple(data.get("difficulties", ())),
        tuple(map(UUID, data.get("fixed", ()))),
    )


def section_data(one: Section) -> dict[str, Any]:
    """A section as `section_of` reads it; what narrows nothing is left out."""
    data: dict[str, Any] = {"type": str(one.type), "count": one.count, "points": one.points, "banks": list(one.banks)}
    if one.knowledge_points:
        data["knowledge_points"] = list(one.knowledge_points)
    if one.difficulties:
        data["difficulties"] = list(one.difficulties)
    if one.fixed:
        data["fixed"] = [version_id.hex for version_id in one.fixed]
    return data
