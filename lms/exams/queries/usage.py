"""Reads how often versions of items were drawn, and how they did."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.exams.models import AttemptQuestionRow, ScoreRow
from lms.questionbank.domain.itemstatistics import Answered, statistics_of
from lms.questionbank.events import Usage

NEWEST = 500
"""Scored papers that the statistics of a version rest on: more would change little and read megabytes."""


def usage(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, Usage]:
    """Papers and statistics by version, of those that a paper holds. One statement, and one more for each of them."""
    drawn = session.execute(
        select(AttemptQuestionRow.item_version_id, func.count())
        .where(AttemptQuestionRow.item_version_id.in_(list(version_ids)))
        .group_by(AttemptQuestionRow.item_version_id)
    )
    return {
        version_id: Usage(papers, statistics_of(_answered(session, version_id))) for version_id, papers in drawn.all()
    }


def _answered(session: Session, version_id: UUID) -> list[Answered]:
    rows = session.execute(
        select(AttemptQuestionRow.position, ScoreRow.sheet)
        .join(ScoreRow, ScoreRow.attempt_id == AttemptQuestionRow.attempt_id)
        .where(AttemptQuestionRow.item_version_id == version_id)
        .order_by(AttemptQuestionRow.attempt_id.desc())
        .limit(NEWEST)
    )
    return [one for position, sheet in rows if (one := _one(sheet, position)) is not None]


def _one(sheet: Sequence[Mapping[str, Any]], position: int) -> Answered | None:
    of_item = [line for line in sheet if line["position"] == position]
    others = [line for line in sheet if line["position"] != position]
    if not of_item or not others:
        return None
    return Answered(_share(of_item), _share(others))


def _share(lines: Sequence[Mapping[str, Any]]) -> float:
    earned: int = sum(line["earned"] * 100 + (line.get("fraction") or 0) for line in lines)
    possible: int = sum(line["points"] * 100 for line in lines)
    return earned / possible
