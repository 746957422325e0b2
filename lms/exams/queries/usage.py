"""Reads how often versions of items were drawn, and how they did."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.exams.domain.analysis import Sums, difficulty, discrimination
from lms.exams.models import AttemptQuestionRow
from lms.exams.queries.counted import sums_of_items
from lms.questionbank.domain.itemstatistics import told
from lms.questionbank.events import Usage


def usage(session: Session, version_ids: Sequence[UUID]) -> dict[UUID, Usage]:
    """Papers and statistics by version, of those that a paper holds; the statistics as the task made them last. Two statements."""
    drawn = session.execute(
        select(AttemptQuestionRow.item_version_id, func.count())
        .where(AttemptQuestionRow.item_version_id.in_(version_ids))
        .group_by(AttemptQuestionRow.item_version_id)
    )
    counted = sums_of_items(session, version_ids)
    found: dict[UUID, Usage] = {}
    for version_id, papers in drawn.all():
        sums = counted.get(version_id, Sums())
        found[version_id] = Usage(papers, told(sums.n, difficulty(sums), discrimination(sums)))
    return found
