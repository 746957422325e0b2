"""A check may ask an item of the course's practice bank: a wrong answer proves presence too; exams are never asked from."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.catalogue.models import CourseRow
from lms.infra.db import reading, unit_of_work
from lms.learning import service
from lms.learning.domain.presence import Kind, Terms
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import LeaseRow, PresenceCheckRow
from lms.learning.service import waiting
from lms.questionbank import service as questionbank
from lms.questionbank.models import ItemVersionRow
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.factories.questions import add_published
from tests.service.learning.watching import after, beat, open_lease

HOUR, MINUTE = 3_600, 60


@dataclass(frozen=True)
class Bank:
    """The practice bank of the course, in the order in which items are drawn."""

    single: UUID
    true_false: UUID


@pytest.fixture
def course(school: School) -> Course:
    made = learning.add_course(school, duration_ms=HOUR * 1000)
    policy = WatchPolicy(presence=Terms(), presence_kind=Kind.ITEM)
    service.set_policy(made.id, policy, seen_version=0, reason="核定", actor_id=school.national_reviewer_id, now=NOW)
    return made


@pytest.fixture
def bank(course: Course) -> Bank:
    questionbank.ensure_bank("P1", "练习", kind="practice", now=NOW)
    with unit_of_work() as session:
        session.execute(update(CourseRow).where(CourseRow.id == course.id).values(practice_bank_code="P1"))
    add_published("C1", "single")  # of the exam: never asked
    add_published("P1", "multiple")  # more than one press: not asked
    return Bank(add_published("P1", "single"), add_published("P1", "true_false"))


def asked(lease: UUID) -> tuple[int, service.Question]:
    """Plays until the lease asks: the second, and the question."""
    for second in range(15, HOUR, 15):
        outcome = beat(lease, ((second - 15) * 1000, second * 1000), now=after(second), seq=second)
        if outcome.presence:
            return second, outcome.presence
    raise AssertionError("nobody was asked")


def answered(lease: UUID, question: service.Question, answer: str, *, now: datetime) -> service.Answered:
    return service.answer_presence(lease, question.id, answer, now=now, rng=Random(7))


def drawn(lease: UUID) -> UUID | None:
    with reading() as session:
        return session.get_one(LeaseRow, lease).presence_item_id


@pytest.mark.parametrize(("right", "correct"), [(True, True), (False, False)])
def test_right_or_wrong_an_answer_is_presence(
    course: Course, bank: Bank, learner: UUID, right: bool, correct: bool
) -> None:
    lease = open_lease(course, learner)
    second, question = asked(lease)
    assert question.kind is Kind.ITEM and question.item_id in {bank.single, bank.true_false}
    with reading() as session:
        key = session.get_one(ItemVersionRow, question.item_id).answer[0]
    found = answered(lease, question, key if right else "X", now=after(second + 20))
    assert (found.correct, found.lost_ms, found.presence) == (correct, 0, None)
    spans = (second * 1000, (second + 20) * 1000)
    assert beat(lease, spans, now=after(second + 21), seq=second + 1).accepted_ms == 20_000
    with reading() as session:
        (check,) = session.scalars(select(PresenceCheckRow)).all()
    assert (check.item_version_id, check.correct) == (question.item_id, correct)


def test_a_late_answer_costs_what_a_late_press_costs(course: Course, bank: Bank, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second, question = asked(lease)
    assert answered(lease, question, "X", now=after(second + 90)).lost_ms == 90_000


def test_the_next_check_asks_another_item(course: Course, bank: Bank, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second, question = asked(lease)
    answered(lease, question, "A", now=after(second + 5))
    assert drawn(lease) == ({bank.single, bank.true_false} - {question.item_id}).pop()


def test_the_same_id_draws_the_same_item(course: Course, bank: Bank) -> None:
    policy = WatchPolicy(presence_kind=Kind.ITEM)
    with reading() as session:
        found = [waiting.draw(session, policy, course.id, by=UUID(int=number)) for number in (0, 1, 2, 0)]
    first, second = sorted([bank.single, bank.true_false])
    assert found == [first, second, first, first]


def test_without_a_practice_item_a_button_asks(course: Course, learner: UUID) -> None:
    add_published("C1", "single")
    lease = open_lease(course, learner)
    _, question = asked(lease)
    assert (question.kind, question.item_id) == (Kind.BUTTON, None)


def test_an_item_that_was_withdrawn_meanwhile_is_a_button(course: Course, bank: Bank, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second, question = asked(lease)
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.bank_code == "P1").values(state="withdrawn"))
    with reading() as session:
        assert service.item_asked(session, question.item_id) is None
    found = answered(lease, question, "", now=after(second + 5))
    assert (found.correct, found.lost_ms, drawn(lease)) == (None, 0, None)


def test_a_course_that_asks_by_button_draws_nothing(school: School, learner: UUID) -> None:
    plain = learning.add_course(school, "按钮课程", duration_ms=HOUR * 1000)
    assert drawn(open_lease(plain, learner)) is None
