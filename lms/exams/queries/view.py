"""Reads papers as their owners may see them. Keys and explanations leave only by `keys_may_show` of the domain, and to nobody who
still sits another exam that draws from the same banks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.exams.domain.answers import names_on_page
from lms.exams.domain.drawing import PaperEntry
from lms.exams.domain.points import Points, joined, points
from lms.exams.domain.window import keys_may_show
from lms.exams.models import ScoreAdjustmentRow, ScoreRow
from lms.exams.queries.answer import SavedAnswer, answers
from lms.exams.queries.attempt import Attempt, own_attempt
from lms.exams.queries.kept import items, paper
from lms.exams.queries.starting import still_sits
from lms.kernel.errors import NotFound
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.exchange import Picture
from lms.questionbank.domain.items import Option


@dataclass(frozen=True)
class Question:
    """What a candidate sees of an item: no key, no explanation. Its texts name `pictures` by their numbers, from 1.

    Its `options` are called as `domain.answers.names_on_page` calls them; answers and keys that go with it are too.
    """

    position: int
    type: str
    points: int
    stem: str
    options: tuple[Option, ...]
    prompts: tuple[str, ...] = ()
    places: int = 1
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Reviewed:
    """What a candidate sees of an item when the keys may be shown."""

    correct: tuple[str, ...]
    earned: Points
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


def questions(session: Session, entries: Sequence[PaperEntry], *, whole: bool = False) -> tuple[Question, ...]:
    """The items of a paper as its candidate sees them, options in their own order. One statement, none when all are kept.

    `whole`: with the pictures of explanations, for who may see these.
    """
    found = items(session, [entry.version_id for entry in entries])
    listed = []
    for entry in entries:
        item = found[entry.version_id]
        texts = {option.key: option.text for option in item.options}
        names = names_on_page(entry.type, entry.option_order)
        options = tuple(Option(name, texts[key]) for key, name in names.items())
        shown = (item.stem, options, item.prompts, item.places, item.shown_pictures(whole=whole))
        listed.append(Question(entry.position, entry.type, entry.points, *shown))
    return tuple(listed)


def attempt_view(session: Session, attempt_id: UUID, person_id: UUID, *, now: datetime) -> AttemptView:
    """An attempt as its owner may see it now. Four statements, six when the keys are shown. Raises NotFound."""
    found = own_attempt(session, attempt_id, person_id)
    entries = paper(session, attempt_id).entries
    places = {one.position: one for one in entries}
    reviewed = {}
    if _keys_show(session, found, entries, person_id, now):
        sheet = _sheet(session, attempt_id)
        details = items(session, [entry.version_id for entry in entries])
        for line in sheet:
            entry = places[line["position"]]
            item = details[entry.version_id]
            earned = points(joined(line["earned"], line.get("fraction")))
            reviewed[entry.position] = Reviewed(entry.on_page(line["key"]), earned, item.explanation, item.sources)
    shown = questions(session, entries, whole=bool(reviewed))
    saved = {
        position: replace(one, value=places[position].on_page(one.value))
        for position, one in answers(session, attempt_id).items()
    }
    return AttemptView(found, shown, saved, reviewed)


def picture(session: Session, entries: Sequence[PaperEntry], position: int, number: int, *, whole: bool) -> bytes:
    """The picture `number` of the item at a place of a paper, those of explanations only if `whole`. Raises NotFound.

    Two statements at most.
    """
    for entry in entries:
        if entry.position == position:
            item = items(session, [entry.version_id])[entry.version_id]
            return questionbank.picture(session, item.id, item.shown_pictures(whole=whole), number)
    raise NotFound


def attempt_picture(
    session: Session, attempt_id: UUID, person_id: UUID, position: int, number: int, *, now: datetime
) -> bytes:
    """The same of an attempt's paper, for its owner: there is no attempt before its start. Raises NotFound."""
    found = own_attempt(session, attempt_id, person_id)
    entries = paper(session, found.id).entries
    return picture(session, entries, position, number, whole=_keys_show(session, found, entries, person_id, now))


def _keys_show(session: Session, found: Attempt, entries: Sequence[PaperEntry], person_id: UUID, now: datetime) -> bool:
    """Whether who looks may see the keys; the attempt may be of an account of theirs that was joined into this one."""
    if not keys_may_show(found.state, found.review, found.window, now, review_from=found.review_from):
        return False
    known = items(session, [entry.version_id for entry in entries])
    return not still_sits(session, {item.bank for item in known.values()}, person_id, now=now)


def _sheet(session: Session, attempt_id: UUID) -> list[dict[str, Any]]:
    """The sheet that counts now: that of the newest later result that has one, else the first."""
    later = (
        select(ScoreAdjustmentRow.sheet)
        .where(ScoreAdjustmentRow.attempt_id == attempt_id, ScoreAdjustmentRow.regrade_id.is_not(None))
        .order_by(ScoreAdjustmentRow.no.desc())
        .limit(1)
        .scalar_subquery()
    )
    first, newest = session.execute(select(ScoreRow.sheet, later).where(ScoreRow.attempt_id == attempt_id)).one()
    return list(newest or first)
