"""Reads which candidates know items of their paper from work: they wrote, reviewed or marked them, whenever they enrolled."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.exams.models import AttemptQuestionRow, AttemptRow, MarkingPieceRow, MarkRow
from lms.infra.db import second
from lms.moderation.models import ReviewRow, RevisionRow, SubmissionRow
from lms.questionbank.models import ItemEventRow, ItemVersionRow

_of_attempt = second(PersonRow)
_KEPT = (
    select(func.coalesce(_of_attempt.merged_into, _of_attempt.id))
    .where(_of_attempt.id == AttemptRow.person_id)
    .correlate(AttemptRow)
    .scalar_subquery()
)
_MINE = select(PersonRow.id).where(or_(PersonRow.id == _KEPT, PersonRow.merged_into == _KEPT)).correlate(AttemptRow)
_WROTE_OR_DECIDED = select(ItemEventRow.id).where(
    ItemEventRow.item_id == ItemVersionRow.item_id, ItemEventRow.actor_id.in_(_MINE)
)
_WITH_A_LECTURE = select(RevisionRow.id).where(
    RevisionRow.id == ItemVersionRow.revision_id, RevisionRow.author_id.in_(_MINE)
)
_REVIEWED_THE_LECTURE = (
    select(SubmissionRow.id)
    .join(ReviewRow, ReviewRow.submission_id == SubmissionRow.id)
    .where(SubmissionRow.revision_id == ItemVersionRow.revision_id, ReviewRow.reviewer_id.in_(_MINE))
)
_MARKED = (
    select(MarkRow.id)
    .join(MarkingPieceRow, MarkingPieceRow.id == MarkRow.piece_id)
    .where(
        AttemptQuestionRow.type.in_(("short_answer", "case")),
        MarkingPieceRow.item_version_id == AttemptQuestionRow.item_version_id,
        MarkRow.marker_id.in_(_MINE),
    )
)


def known_items(session: Session, attempt_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many items of its paper the candidate of each attempt knows from work; attempts without any are left out.

    One statement. Who only opened a bank's pages is not found by this.
    """
    ways = (_WROTE_OR_DECIDED, _WITH_A_LECTURE, _REVIEWED_THE_LECTURE, _MARKED)
    rows = session.execute(
        select(AttemptRow.id, func.count())
        .join(AttemptQuestionRow, AttemptQuestionRow.attempt_id == AttemptRow.id)
        .join(ItemVersionRow, ItemVersionRow.id == AttemptQuestionRow.item_version_id)
        .where(AttemptRow.id.in_(list(attempt_ids)), or_(*(one.exists() for one in ways)))
        .group_by(AttemptRow.id)
    )
    return {row[0]: row[1] for row in rows}
