"""Reads papers as their owners may see them. Keys and explanations leave only by `keys_may_show` of the domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.window import keys_may_show
from lms.exams.models import AttemptQuestionRow, ScoreRow
from lms.exams.queries.answer import SavedAnswer, answers
from lms.exams.queries.attempt import Attempt, own_attempt
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.items import Option


@dataclass(frozen=True)
class Question:
    """What a candidate sees of an item: no key, no explanation."""

    position: int
    type: str
    points: int
    stem: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Reviewed:
    """What a candidate sees of an item when the keys may be shown."""

    correct: tuple[str, ...]
    earned: int
    explanation: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class AttemptView:
    """An attempt as its owner may see it; `reviewed` is empty unless the keys may be shown."""

    attempt: Attempt
    questions: tuple[Question, ...]
    answers: Mapping[int, SavedAnswer]
    reviewed: Mapping[int, Reviewed] = field(default_factory=dict)

    @property
    def answered(self) -> frozenset[int]:
        """Positions with an answer."""
        return frozenset(position for position, saved in self.answers.items() if saved.value)


def paper(session: Session, attempt_id: UUID) -> Paper:
    """The frozen paper of an attempt."""
    rows = session.execute(
        select(
            AttemptQuestionRow.position,
            AttemptQuestionRow.item_version_id,
            AttemptQuestionRow.type,
            AttemptQuestionRow.points,
            AttemptQuestionRow.option_order,
        )
        .where(AttemptQuestionRow.attempt_id == attempt_id)
        .order_by(AttemptQuestionRow.position)
    )
    return Paper(
        tuple(PaperEntry(place, item, kind, points, tuple(order)) for place, item, kind, points, order in rows)
    )


def attempt_view(session: Session, attempt_id: UUID, person_id: UUID, *, now: datetime) -> AttemptView:
    """An attempt as its owner may see it now. Four statements, five when the keys are shown. Raises NotFound."""
    found = own_attempt(session, attempt_id, person_id)
    entries = paper(session, attempt_id).entries
    items = questionbank.item_versions(session, [entry.version_id for entry in entries])
    questions = []
    for entry in entries:
        item = items[entry.version_id]
        texts = {option.key: option for option in item.options}
        options = tuple(texts[key] for key in entry.option_order)
        questions.append(Question(entry.position, entry.type, entry.points, item.stem, options))
    reviewed = {}
    if keys_may_show(found.state, found.review, found.window, now):
        sheet = session.execute(select(ScoreRow.sheet).where(ScoreRow.attempt_id == attempt_id)).scalar_one()
        version_ids = {entry.position: entry.version_id for entry in entries}
        for line in sheet:
            item = items[version_ids[line["position"]]]
            reviewed[line["position"]] = Reviewed(
                tuple(line["key"]), line["earned"], item.explanation, tuple(item.sources)
            )
    return AttemptView(found, tuple(questions), answers(session, attempt_id), reviewed)
