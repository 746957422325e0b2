"""Hand-in by the learner or the clock, once, with one score and one announcement. Requirements 32, 35; invariants 2, 5; T7."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from lms.classes.models import TrainingClassRow
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey, State
from lms.exams.events import AttemptGraded, attempt_graded
from lms.exams.models import ScoreRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate, right_answers

BELL = NOW + timedelta(hours=1)
OVER = BELL + timedelta(seconds=3, milliseconds=1)


@pytest.fixture
def heard() -> Iterator[list[AttemptGraded]]:
    events: list[AttemptGraded] = []

    def listen(_sender: object, event: AttemptGraded) -> None:
        events.append(event)

    attempt_graded.connect(listen)
    yield events
    attempt_graded.disconnect(listen)


def start(hall: Hall, candidate: Principal, at=NOW) -> UUID:
    return service.start_or_resume(hall.exam_id, candidate.person_id, now=at, seed=7).attempt_id


def answer_all(attempt_id: UUID, candidate: Principal, *, positions=range(1, 31)) -> None:
    right = right_answers(attempt_id)
    for position in positions:
        service.save_answer(
            attempt_id, candidate.person_id, position, SaveKey(1, position), right[position], received_at=NOW
        )


def attempt(attempt_id: UUID) -> queries.Attempt:
    with reading() as session:
        return queries.attempt(session, attempt_id)


def scores() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(ScoreRow)).scalar_one()


def test_handing_in_twice_gives_the_same_answer_one_score_and_one_event(hall, candidate, heard) -> None:
    attempt_id = start(hall, candidate)
    answer_all(attempt_id, candidate)
    first = service.submit(attempt_id, candidate.person_id, now=NOW)
    assert first == service.Graded(State.GRADED, queries.Result(100, 100, True))
    assert service.submit(attempt_id, candidate.person_id, now=BELL) == first
    assert scores() == 1
    assert [(one.attempt_id, one.class_id, one.score, one.passed) for one in heard] == [
        (attempt_id, hall.class_id, 100, True)
    ]
    assert (attempt(attempt_id).submitted_by, attempt(attempt_id).submitted_at) == ("learner", NOW)


def test_hand_ins_at_the_same_moment_score_once(hall: Hall, candidate: Principal, heard) -> None:
    attempt_id = start(hall, candidate)
    answer_all(attempt_id, candidate, positions=range(1, 16))
    with ThreadPoolExecutor(6) as pool:
        graded = list(pool.map(lambda _: service.submit(attempt_id, candidate.person_id, now=NOW), range(6)))
    assert {one.result for one in graded} == {queries.Result(60, 100, True)}
    assert scores() == 1 and len(heard) == 1


def test_nothing_answered_is_nothing_earned(hall: Hall, candidate: Principal) -> None:
    graded = service.submit(start(hall, candidate), candidate.person_id, now=NOW)
    assert graded.result == queries.Result(0, 100, False)


def test_the_sweep_hands_in_what_is_saved_when_time_and_grace_are_over(hall: Hall, candidate, heard) -> None:
    attempt_id = start(hall, candidate)
    answer_all(attempt_id, candidate, positions=[1, 2])
    assert service.submit_overdue(now=BELL + timedelta(seconds=3)) == 0
    assert attempt(attempt_id).state is State.OPEN
    assert service.submit_overdue(now=OVER) == 1
    assert service.submit_overdue(now=OVER) == 0
    found = attempt(attempt_id)
    assert (found.state, found.submitted_by, found.result) == (State.GRADED, "clock", queries.Result(8, 100, False))
    assert len(heard) == 1


def test_a_fault_with_one_attempt_holds_no_other_up(hall: Hall, candidate: Principal) -> None:
    other = make_candidate(hall, "李四")
    first, second = start(hall, candidate), start(hall, other, at=NOW + timedelta(seconds=1))

    def refuse(_sender: object, event: AttemptGraded) -> None:
        if event.attempt_id == first:
            raise RuntimeError("a listener's fault")

    with attempt_graded.connected_to(refuse):
        assert service.submit_overdue(now=OVER + timedelta(seconds=1)) == 1
    assert (attempt(first).state, attempt(second).state) == (State.OPEN, State.GRADED)
    assert service.submit_overdue(now=OVER + timedelta(seconds=1)) == 1
    assert scores() == 2


def test_a_view_after_the_time_hands_in_first(hall: Hall, candidate: Principal) -> None:
    attempt_id = start(hall, candidate)
    view = service.settled_view(attempt_id, candidate.person_id, now=OVER)
    assert (view.attempt.state, view.attempt.submitted_by) == (State.GRADED, "clock")
    assert view.reviewed == {}


def test_the_best_attempt_counts(hall: Hall, candidate: Principal) -> None:
    for positions in (range(1, 16), range(1, 26), range(1, 4)):
        attempt_id = start(hall, candidate)
        answer_all(attempt_id, candidate, positions=positions)
        service.submit(attempt_id, candidate.person_id, now=NOW)
    with reading() as session:
        standing = queries.standing_in_class(session, hall.class_id, candidate.person_id, enrolled=True, now=NOW)
    assert standing is not None
    assert (standing.best_score, standing.passed, standing.attempts_used) == (90, True, 3)
    assert standing.state(True) == "passed"


def test_keys_are_shown_only_when_graded_and_the_class_is_over(hall: Hall, candidate: Principal) -> None:
    attempt_id = start(hall, candidate)
    service.submit(attempt_id, candidate.person_id, now=NOW)
    before = service.settled_view(attempt_id, candidate.person_id, now=NOW + timedelta(days=40))
    after = service.settled_view(attempt_id, candidate.person_id, now=NOW + timedelta(days=41))
    assert before.reviewed == {}
    assert {position: list(one.correct) for position, one in after.reviewed.items()} == right_answers(attempt_id)


def test_keys_wait_for_who_began_ten_minutes_before_the_end(hall: Hall, candidate: Principal) -> None:
    late, midnight = make_candidate(hall, "李四"), datetime(2027, 1, 1, tzinfo=SHANGHAI)
    handed_in, at_work = start(hall, candidate), start(hall, late, at=midnight - timedelta(minutes=10))
    service.submit(handed_in, candidate.person_id, now=NOW)

    def keys_at(moment: datetime) -> bool:
        return bool(service.settled_view(handed_in, candidate.person_id, now=moment).reviewed)

    last_save = midnight + timedelta(minutes=50, seconds=3)
    assert not keys_at(midnight) and not keys_at(last_save)
    service.save_answer(at_work, late.person_id, 1, SaveKey(1, 1), ["o1"], received_at=last_save)
    assert not keys_at(midnight + timedelta(hours=1, seconds=2))
    assert keys_at(midnight + timedelta(hours=1, seconds=3))


def test_keys_wait_for_the_last_day_when_the_class_sums_up_early(hall: Hall, candidate: Principal) -> None:
    attempt_id = start(hall, candidate)
    service.submit(attempt_id, candidate.person_id, now=NOW)
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).values(phase="summarise"))
    assert service.settled_view(attempt_id, candidate.person_id, now=NOW).reviewed == {}
    assert service.settled_view(attempt_id, candidate.person_id, now=NOW + timedelta(days=41)).reviewed


def test_anothers_attempt_is_not_found(hall: Hall, candidate: Principal) -> None:
    other = make_candidate(hall, "李四")
    attempt_id = start(hall, candidate)
    for call in (service.submit, service.settled_view, service.open_again):
        with pytest.raises(NotFound):
            call(attempt_id, other.person_id, now=NOW)
    assert attempt(attempt_id).state is State.OPEN
