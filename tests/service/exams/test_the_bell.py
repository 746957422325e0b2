"""What is received around the bell counts exactly when it is in time, and nobody needs a browser to hand in. Promises T7, E2, E4."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from lms import settings as settings_module
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey, State
from lms.infra.db import reading
from lms.kernel.principal import Principal
from tests.factories.bell import BELL, GRACE, ring
from tests.factories.exams import NOW, Hall, make_candidate, make_hall


def test_t7_saves_around_the_bell_count_when_they_are_in_time_and_only_then(hall: Hall) -> None:
    tally = ring(hall, candidates=4, saves=100, seed=20261127)
    assert min(tally.taken, tally.refused) > 40, tally


def test_a_save_that_was_acknowledged_is_acknowledged_again_after_the_bell(hall: Hall, candidate: Principal) -> None:
    attempt = service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=1).attempt_id
    saved = service.save_answer(attempt, candidate.person_id, 1, SaveKey(1, 1), ["o1"], received_at=BELL + GRACE)
    service.submit_overdue(now=BELL + timedelta(seconds=8))
    late = BELL + timedelta(minutes=5)
    assert service.save_answer(attempt, candidate.person_id, 1, SaveKey(1, 1), ["o1"], received_at=late) == saved
    with pytest.raises(service.SaveRefused):
        service.save_answer(attempt, candidate.person_id, 1, SaveKey(1, 2), ["o2"], received_at=late)


def test_a_candidate_without_a_browser_is_handed_in_within_ten_seconds_of_the_bell(hall: Hall) -> None:
    people = [make_candidate(hall, name) for name in ("甲", "乙")]
    opened = [service.start_or_resume(hall.exam_id, one.person_id, now=NOW, seed=1).attempt_id for one in people]
    assert service.submit_overdue(now=BELL + GRACE) == 0
    # The worker looks every 5 seconds: its first look after grace is at 8 seconds at the latest.
    assert service.submit_overdue(now=BELL + timedelta(seconds=8)) == 2
    with reading() as session:
        for attempt_id in opened:
            found = queries.attempt(session, attempt_id)
            assert (found.state, found.submitted_by) == (State.GRADED, "clock")


def test_a_hand_in_that_comes_after_grace_is_the_clocks(hall: Hall, candidate: Principal) -> None:
    attempt = service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=1).attempt_id
    service.submit(attempt, candidate.person_id, now=BELL + timedelta(seconds=4))
    with reading() as session:
        assert queries.attempt(session, attempt).submitted_by == "clock"


@pytest.fixture
def generous() -> Iterator[None]:
    settings = settings_module.current()
    settings_module.use(replace(settings, exam_grace_seconds=20))
    yield
    settings_module.use(settings)


def test_an_exam_keeps_the_grace_that_was_set_when_it_was_published(clean: Flask, generous: None) -> None:
    longer = make_hall()
    settings_module.use(replace(settings_module.current(), exam_grace_seconds=3))
    candidate = make_candidate(longer)
    attempt = service.start_or_resume(longer.exam_id, candidate.person_id, now=NOW, seed=1).attempt_id
    late = BELL + timedelta(seconds=20)
    assert service.save_answer(attempt, candidate.person_id, 1, SaveKey(1, 1), ["o1"], received_at=late)
    with pytest.raises(service.SaveRefused):
        after = late + timedelta(milliseconds=1)
        service.save_answer(attempt, candidate.person_id, 1, SaveKey(1, 2), ["o2"], received_at=after)


@pytest.mark.parametrize("seconds", [-1, 31])
def test_a_grace_that_is_more_time_for_everybody_is_refused(app: Flask, seconds: int) -> None:
    with pytest.raises(settings_module.SettingsError, match="LMS_EXAM_GRACE_SECONDS"):
        settings_module.check(replace(settings_module.current(), exam_grace_seconds=seconds))
