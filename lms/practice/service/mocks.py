"""Mock exams: the exam's own drawing and scoring on practice banks. No row here is official, and no signal is sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms.classes import queries as classes
from lms.exams import queries as exams
from lms.exams.domain import answers, attempts, drawing
from lms.exams.domain.blueprint import Blueprint
from lms.exams.domain.rehearsal import rehearsal
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.practice import queries
from lms.practice.models import MockExamRow, MockQuestionRow
from lms.practice.queries import Mock, MockView
from lms.practice.service.refusals import NothingToPractise
from lms.practice.service.rounds import one_at_a_time

BANK = "practice"
"""The one bank that a mock exam's plan names, whatever banks its items come from."""


def plan(session: Session, class_id: UUID) -> Blueprint | None:
    """What a mock exam for the class would ask now, None when nothing can be asked. Four statements. Raises NotFound."""
    course_ids = classes.class_facts(session, class_id).course_ids
    exam = exams.exam_of_class(session, class_id)
    return rehearsal(exam.blueprint, queries.held(session, course_ids), BANK) if exam else None


def start_mock(class_id: UUID, person_id: UUID, *, now: datetime, seed: int) -> UUID:
    """Draws a paper and starts the clock, or gives the one that is open. Raises NotFound for who is not of the class, NothingToPractise."""
    settle(class_id, person_id, now=now)
    with reading() as session:
        enrolment = classes.enrolment(session, class_id, person_id)
        if enrolment is None or not enrolment.active:
            raise NotFound
        exam = exams.exam_of_class(session, class_id)
        pool = queries.pool(session, classes.class_facts(session, class_id).course_ids, BANK)
        blueprint = rehearsal(exam.blueprint, Counter(item.type for item in pool), BANK) if exam else None
        if exam is None or blueprint is None:
            raise NothingToPractise
        rng = Random(seed)
        drawn = drawing.draw(blueprint, pool, rng)
        items = exams.items(session, [entry.version_id for entry in drawn.entries])
        paper = drawing.shuffle_options(drawn, items, rng, keep=not blueprint.shuffle_options)
    with unit_of_work() as session:
        one_at_a_time(session, enrolment)
        open_now = _open(session, class_id, person_id)
        if open_now is not None:
            return open_now
        mock_id = ids.new_id(now)
        session.execute(
            insert(MockExamRow).values(
                id=mock_id,
                person_id=person_id,
                class_id=class_id,
                seed=seed,
                pass_mark=blueprint.pass_mark,
                maximum=blueprint.maximum,
                partial=exam.rules.terms.partial.value,
                started_at=now,
                deadline=attempts.deadline(now, blueprint.minutes),
            )
        )
        session.execute(insert(MockQuestionRow), [_question(mock_id, entry) for entry in paper.entries])
        return mock_id


def save_mock(
    mock_id: UUID, person_id: UUID, values: Mapping[int, Sequence[str]], *, hand_in: bool, now: datetime
) -> Mock:
    """Keeps the answers of a page in one go and, if asked, hands in. After the time is over what was saved is handed in instead.

    A value that is no answer to its item leaves the one before. Raises NotFound.
    """
    with unit_of_work() as session:
        found = _locked(session, mock_id, person_id)
        if found.submitted_at is not None:
            return found
        if attempts.in_time(now, found.deadline):
            _keep(session, found, values)
            if not hand_in:
                return found
        return _hand_in(session, found, now=now)


def settled_view(mock_id: UUID, person_id: UUID, *, now: datetime) -> MockView:
    """A mock exam as it is to its owner; the clock hands in here what is overdue. Raises NotFound."""
    with reading() as session:
        found = queries.own_mock(session, mock_id, person_id)
    if found.overdue(now):
        with unit_of_work() as session:
            found = _locked(session, mock_id, person_id)
            if found.overdue(now):
                _hand_in(session, found, now=now)
    with reading() as session:
        return queries.mock_view(session, mock_id, person_id)


def settle(class_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """Hands in one's open mock exam for a class when its time is over."""
    with reading() as session:
        open_now = _open(session, class_id, person_id)
    if open_now is not None:
        settled_view(open_now, person_id, now=now)


def _open(session: Session, class_id: UUID, person_id: UUID) -> UUID | None:
    return session.execute(
        select(MockExamRow.id).where(
            MockExamRow.class_id == class_id,
            MockExamRow.person_id == person_id,
            MockExamRow.submitted_at.is_(None),
        )
    ).scalar()


def _locked(session: Session, mock_id: UUID, person_id: UUID) -> Mock:
    session.execute(for_update(select(MockExamRow.id).where(MockExamRow.id == mock_id)))
    return queries.own_mock(session, mock_id, person_id)


def _keep(session: Session, mock: Mock, values: Mapping[int, Sequence[str]]) -> None:
    paper, given = queries.paper(session, mock)
    items = exams.items(session, [entry.version_id for entry in paper.entries])
    changed = []
    for entry in paper.entries:
        item = items[entry.version_id]
        value = answers.normalise(
            list(values.get(entry.position, ())), item.type, entry.option_order, places=item.places
        )
        if not isinstance(value, answers.Invalid) and value != given[entry.position]:
            changed.append({"mock_exam_id": mock.id, "position": entry.position, "given": list(value)})
    if changed:
        session.execute(update(MockQuestionRow), changed)


def _hand_in(session: Session, mock: Mock, *, now: datetime) -> Mock:
    """Items that were withdrawn meanwhile leave the paper, unseen with what is right; the others make up the whole."""
    paper, given = queries.paper(session, mock)
    asked = [entry.position for entry in paper.entries]
    session.execute(
        delete(MockQuestionRow).where(MockQuestionRow.mock_exam_id == mock.id, MockQuestionRow.position.not_in(asked))
    )
    maximum = sum(entry.points for entry in paper.entries) or mock.maximum
    pass_mark = max(1, -(-mock.pass_mark * maximum // mock.maximum))
    earned = queries.sheet(session, mock, paper, given).total
    at = min(now, mock.deadline)
    session.execute(
        update(MockExamRow)
        .where(MockExamRow.id == mock.id)
        .values(submitted_at=at, earned=earned, maximum=maximum, pass_mark=pass_mark)
    )
    return replace(mock, submitted_at=at, earned=earned, maximum=maximum, pass_mark=pass_mark)


def _question(mock_id: UUID, entry: drawing.PaperEntry) -> dict[str, Any]:
    return {
        "mock_exam_id": mock_id,
        "position": entry.position,
        "item_version_id": entry.version_id,
        "type": entry.type,
        "points": entry.points,
        "option_order": list(entry.option_order),
        "given": [],
    }
