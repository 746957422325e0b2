"""Mock exams: the exam's own rules on practice items, timed and scored, and nothing official comes of them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lms.exams.models import AttemptRow, ScoreRow
from lms.exams.queries import Question
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.practice import queries, service
from lms.practice.models import MockExamRow, MockQuestionRow
from tests.factories.exams import KEYS, NOW, Hall, by_texts, make_candidate
from tests.factories.people import make_person
from tests.factories.practice import WRONG, add_practice

MINUTES = timedelta(minutes=30)


def start(hall: Hall, person: Principal, *, at=NOW, seed: int = 1) -> UUID:
    return service.start_mock(hall.class_id, person.person_id, now=at, seed=seed)


def look(mock_id: UUID, person: Principal, *, at=NOW) -> queries.MockView:
    return service.settled_view(mock_id, person.person_id, now=at)


def named(question: Question, keys: Sequence[str]) -> list[str]:
    """What the page calls these options, which the author calls `keys`, in the order of the page."""
    names = by_texts(question.type, [(option.key, option.text) for option in question.options])
    return sorted(names[key] for key in keys)


def right(view: queries.MockView) -> dict[int, list[str]]:
    return {question.position: named(question, KEYS[question.type]) for question in view.questions}


def test_the_plan_is_the_exams_own_shortened_to_what_there_is(hall: Hall, learner: Principal) -> None:
    view = look(start(hall, learner), learner)
    assert [one.type for one in view.questions] == ["single"] * 5 + ["multiple"] * 5 + ["true_false"] * 5
    assert (view.mock.maximum, view.mock.pass_mark, view.mock.deadline) == (50, 30, NOW + MINUTES)
    assert not view.reviewed


def test_items_of_all_courses_are_drawn(hall: Hall, learner: Principal) -> None:
    add_practice(hall, course=1)
    view = look(start(hall, learner), learner)
    assert (len(view.questions), view.mock.maximum) == (30, 100)


def test_right_answers_earn_everything_and_wrong_ones_nothing(hall: Hall, learner: Principal) -> None:
    mock_id = start(hall, learner)
    before = look(mock_id, learner)
    key, answers = right(before), right(before)
    answers[1], answers[6] = (named(before.questions[n - 1], WRONG[before.questions[n - 1].type]) for n in (1, 6))
    service.save_mock(mock_id, learner.person_id, answers, hand_in=True, now=NOW)
    view = look(mock_id, learner)
    assert (view.mock.score, view.mock.passed) == (50 - 4 - 4, True)
    assert {position: list(one.correct) for position, one in view.reviewed.items()} == key
    assert {position: list(value) for position, value in view.given.items()} == answers
    assert view.reviewed[1].explanation


def test_nothing_official_comes_of_it(hall: Hall, learner: Principal) -> None:
    mock_id = start(hall, learner)
    service.save_mock(mock_id, learner.person_id, right(look(mock_id, learner)), hand_in=True, now=NOW)
    with reading() as session:
        for row in (AttemptRow, ScoreRow, CreditEntryRow):
            assert session.execute(select(row)).first() is None


def test_it_can_be_sat_any_number_of_times_but_one_at_once(hall: Hall, learner: Principal) -> None:
    seen = set()
    for number in range(5):
        mock_id = start(hall, learner, seed=number)
        assert start(hall, learner, seed=99) == mock_id
        service.save_mock(mock_id, learner.person_id, {}, hand_in=True, now=NOW)
        seen.add(mock_id)
    assert len(seen) == 5


@pytest.mark.parametrize(("late", "taken"), [(timedelta(seconds=3), True), (timedelta(seconds=4), False)])
def test_answers_count_until_the_deadline_and_its_grace(
    hall: Hall, learner: Principal, late: timedelta, taken: bool
) -> None:
    mock_id = start(hall, learner)
    answers = right(look(mock_id, learner))
    at = NOW + MINUTES + late
    assert service.save_mock(mock_id, learner.person_id, answers, hand_in=True, now=at).score == (50 if taken else 0)


def test_the_clock_hands_in_what_was_saved(hall: Hall, learner: Principal) -> None:
    mock_id = start(hall, learner)
    answers = dict(list(right(look(mock_id, learner)).items())[:2])
    service.save_mock(mock_id, learner.person_id, answers, hand_in=False, now=NOW)
    later = look(mock_id, learner, at=NOW + timedelta(hours=5))
    assert (later.mock.score, later.mock.submitted_at) == (8, NOW + MINUTES)
    assert start(hall, learner, at=NOW + timedelta(hours=6)) != mock_id


def test_what_was_handed_in_never_changes(hall: Hall, learner: Principal) -> None:
    mock_id = start(hall, learner)
    service.save_mock(mock_id, learner.person_id, {}, hand_in=True, now=NOW)
    answers = right(look(mock_id, learner))
    assert service.save_mock(mock_id, learner.person_id, answers, hand_in=True, now=NOW).score == 0
    with pytest.raises(DBAPIError, match="handed in"), unit_of_work() as session:
        session.execute(update(MockQuestionRow).values(given=["A"]))


def test_a_value_that_is_no_answer_is_not_kept(hall: Hall, learner: Principal) -> None:
    mock_id = start(hall, learner)
    values = {1: ["o1", "o2"], 2: ["Z"], 3: ["A"], 99: ["o1"]}
    service.save_mock(mock_id, learner.person_id, values, hand_in=False, now=NOW)
    assert look(mock_id, learner).answered == 0


def test_only_who_is_of_the_class_sits_and_only_ones_own_is_seen(hall: Hall, learner: Principal) -> None:
    with pytest.raises(NotFound):
        start(hall, make_person(hall.land.unit, "王五"))
    mock_id = start(hall, learner)
    other = make_candidate(hall, "李四", completed=0)
    for act in (
        lambda: look(mock_id, other),
        lambda: service.save_mock(mock_id, other.person_id, {}, hand_in=True, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()
    with reading() as session:
        assert session.execute(select(MockExamRow.submitted_at)).scalar_one() is None
