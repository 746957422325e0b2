"""Rounds of ten: answers are taken once, mistakes gather in the book, what is withdrawn or changed is handled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.practice import queries, service
from lms.practice.models import PracticeRoundRow, PracticeStepRow, PractisedItemRow
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person
from tests.factories.practice import practice_item, step_answer


def begin(hall: Hall, person: Principal, source: str = service.COURSE, *, at=NOW, seed: int = 1) -> UUID:
    return service.start_round(hall.course_ids[0], person.person_id, source, now=at, rng=Random(seed))


def look(round_id: UUID, person: Principal) -> queries.Round:
    with reading() as session:
        return queries.own_round(session, round_id, person.person_id)


def book(hall: Hall, person: Principal) -> tuple[queries.Mistake, ...]:
    with reading() as session:
        return queries.book(session, hall.course_ids[0], person.person_id, limit=50)


def answer_all(round_id: UUID, person: Principal, *, right: bool, at=NOW) -> None:
    for step in look(round_id, person).steps:
        service.answer(round_id, person.person_id, step.position, step_answer(step, right=right), now=at)


def withdraw(*version_ids: UUID) -> None:
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id.in_(version_ids)).values(state="withdrawn"))


def test_a_round_has_ten_different_items_and_two_presses_open_one(hall: Hall, learner: Principal) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda seed: begin(hall, learner, seed=seed), (1, 2))
    assert first == second
    found = look(first, learner)
    assert len({step.version_id for step in found.steps}) == 10
    with reading() as session:
        assert len(session.execute(select(PracticeRoundRow.id)).all()) == 1


def test_an_answer_is_judged_once_and_a_repetition_changes_nothing(hall: Hall, learner: Principal) -> None:
    round_id = begin(hall, learner)
    step = look(round_id, learner).steps[0]
    first = service.answer(round_id, learner.person_id, 1, step_answer(step, right=False), now=NOW)
    again = service.answer(
        round_id, learner.person_id, 1, step_answer(step, right=True), now=NOW + timedelta(seconds=5)
    )
    assert (first.right, again.right) == (False, False)
    (mistake,) = book(hall, learner)
    assert (mistake.wrong, mistake.right_in_row) == (1, 0)


def test_the_database_lets_an_answer_be_given_once(hall: Hall, learner: Principal) -> None:
    round_id = begin(hall, learner)
    answer_all(round_id, learner, right=True)
    with pytest.raises(DBAPIError, match="given once"), unit_of_work() as session:
        session.execute(update(PracticeStepRow).values(is_right=False))


@pytest.mark.parametrize("values", [[], [""], ["Z"], ["A"], ["o1", "o2"]])
def test_what_is_no_answer_is_asked_again(hall: Hall, learner: Principal, values: list[str]) -> None:
    round_id = begin(hall, learner)
    step = next(one for one in look(round_id, learner).steps if one.type == "single")
    with pytest.raises(service.AnswerNeeded):
        service.answer(round_id, learner.person_id, step.position, values, now=NOW)
    assert look(round_id, learner).step(step.position).given is None


def test_a_mistake_leaves_the_book_after_two_right_answers_in_a_row(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=False)
    assert len(book(hall, learner)) == 10
    for days, left in ((1, 10), (2, 0)):
        at = NOW + timedelta(days=days)
        answer_all(begin(hall, learner, service.BOOK, at=at), learner, right=True, at=at)
        assert len(book(hall, learner)) == left
    with pytest.raises(service.NothingToPractise):
        begin(hall, learner, service.BOOK, at=NOW + timedelta(days=3))


def test_a_mistake_leaves_the_book_by_hand_and_only_ones_own_does(hall: Hall, learner: Principal) -> None:
    other = make_candidate(hall, "李四", completed=0)
    for person in (learner, other):
        answer_all(begin(hall, person), person, right=False)
    gone = book(hall, learner)[0].ref
    service.leave_book(hall.course_ids[0], learner.person_id, gone)
    service.leave_book(hall.course_ids[0], learner.person_id, "no such item")
    assert len(book(hall, learner)) == 9 and len(book(hall, other)) == 10


def test_an_item_withdrawn_in_mid_round_is_passed_over(hall: Hall, learner: Principal) -> None:
    round_id = begin(hall, learner)
    steps = look(round_id, learner).steps
    withdraw(steps[0].version_id)
    following = look(round_id, learner).next
    assert following is not None and following.position == 2
    with pytest.raises(service.Withdrawn):
        service.answer(round_id, learner.person_id, 1, step_answer(steps[0], right=True), now=NOW)
    for step in steps[1:]:
        done = service.answer(round_id, learner.person_id, step.position, step_answer(step, right=True), now=NOW)
    assert done.last
    withdraw(*(step.version_id for step in steps))
    assert begin(hall, learner, at=NOW + timedelta(hours=1)) != round_id


def test_a_round_whose_rest_was_withdrawn_makes_room_for_the_next(hall: Hall, learner: Principal) -> None:
    round_id = begin(hall, learner)
    withdraw(*(step.version_id for step in look(round_id, learner).steps))
    assert begin(hall, learner, at=NOW + timedelta(hours=1)) != round_id


def test_a_withdrawn_mistake_stays_listed_and_is_asked_no_more(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=False)
    gone = book(hall, learner)[0]
    assert gone.version_id
    withdraw(gone.version_id)
    shown = next(one for one in book(hall, learner) if one.ref == gone.ref)
    assert (shown.version_id, shown.shown_id) == (None, gone.version_id)
    asked = look(begin(hall, learner, service.BOOK, at=NOW + timedelta(days=1)), learner)
    assert gone.version_id not in {step.version_id for step in asked.steps} and len(asked.steps) == 9


def test_a_changed_mistake_is_asked_in_its_new_words(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=False)
    old = book(hall, learner)[0]
    assert old.version_id
    withdraw(old.version_id)
    with unit_of_work() as session:
        before = session.get(ItemVersionRow, old.version_id)
        assert before and before.revision_id
        new = practice_item("P1", before.revision_id, 5_000, before.type, ref=old.ref, now=NOW + timedelta(hours=1))
        new.stem = "改过的题干"
        session.add(new)
        new_id = new.id
    shown = next(one for one in book(hall, learner) if one.ref == old.ref)
    assert (shown.version_id, shown.changed, shown.shown_id) == (new_id, True, new_id)
    asked = look(begin(hall, learner, service.BOOK, at=NOW + timedelta(days=1)), learner)
    assert new_id in {step.version_id for step in asked.steps}


def test_the_next_round_asks_what_was_not_asked_yet(hall: Hall, learner: Principal) -> None:
    first = begin(hall, learner)
    answer_all(first, learner, right=True)
    second = look(begin(hall, learner, at=NOW + timedelta(minutes=5)), learner)
    seen = {step.version_id for step in look(first, learner).steps}
    assert len([step for step in second.steps if step.version_id not in seen]) == 5


def test_progress_counts_items_by_knowledge_point(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=True)
    with reading() as session:
        (course,) = queries.courses(session, learner.person_id, [learner.person_id])
        points = queries.points(session, hall.course_ids[0], learner.person_id)
    assert (course.items, course.tried, course.known, course.in_book) == (15, 10, 10, 0)
    assert sum(one.items for one in points) == 15 and sum(one.known for one in points) == 10
    shares = [one.known / one.items for one in points]
    assert shares == sorted(shares)


def test_who_is_in_no_class_with_the_course_practises_nothing(hall: Hall, learner: Principal) -> None:
    stranger = make_person(hall.land.unit, "王五")
    with pytest.raises(NotFound):
        begin(hall, stranger)
    with pytest.raises(NotFound):
        service.leave_book(hall.course_ids[0], stranger.person_id, "x")
    mine = begin(hall, learner)
    other = make_candidate(hall, "李四", completed=0)
    with pytest.raises(NotFound):
        service.answer(mine, other.person_id, 1, ["o1"], now=NOW)


def test_joined_accounts_have_one_book(hall: Hall, learner: Principal) -> None:
    other = make_candidate(hall, "李四", completed=0)
    answer_all(begin(hall, learner, seed=1), learner, right=False)
    answer_all(begin(hall, other, seed=2), other, right=False)
    begin(hall, other, at=NOW + timedelta(hours=1))
    service.start_mock(hall.class_id, other.person_id, now=NOW, seed=1)
    both = {one.ref for one in (*book(hall, learner), *book(hall, other))}
    service.follow_joining(learner.person_id, other.person_id)
    assert {one.ref for one in book(hall, learner)} == both and not book(hall, other)
    with reading() as session:
        assert set(session.execute(select(PracticeRoundRow.person_id)).scalars()) == {learner.person_id}


def test_practice_ends_after_two_years(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=False)
    service.start_mock(hall.class_id, learner.person_id, now=NOW, seed=1)
    assert service.purge(now=NOW + timedelta(days=729)) == 0
    assert service.purge(now=NOW + timedelta(days=731), batch=3) == 1 + 1 + 10
    with reading() as session:
        for row in (PracticeRoundRow, PracticeStepRow, PractisedItemRow):
            assert session.execute(select(row)).first() is None


def test_the_copy_of_ones_data_tells_of_practice(hall: Hall, learner: Principal) -> None:
    answer_all(begin(hall, learner), learner, right=False)
    service.start_mock(hall.class_id, learner.person_id, now=NOW, seed=1)
    with reading() as session:
        copy = queries.personal_copy(session, learner.person_id)
    assert [one["kind"] for one in copy] == ["item"] * 10 + ["mock_exam"]
    assert all(one["in_wrong_answer_book"] for one in copy[:10])
