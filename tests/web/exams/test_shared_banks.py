"""Two classes share their banks: who is of both reads the keys of the first paper when the second exam is over, too."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from lms.classes import service as classes
from lms.exams import service
from lms.kernel.principal import Principal
from tests.factories.exams import CANARY, Hall, make_another_exam, make_candidate
from tests.web.exams.conftest import Seat, Turn


@pytest.mark.parametrize("joined_later", [False, True], ids=["OTHERS", "ALSO_IN_THE_SECOND"])
def test_keys_wait_for_the_other_exam_of_the_person(
    clean: Flask, hall: Hall, turn: Turn, take_seat: Callable[[Principal], Seat], joined_later: bool
) -> None:
    me = make_candidate(hall, "学两个班")
    attempt_id = service.start_or_resume(hall.exam_id, me.person_id, now=turn(timedelta()), seed=1).attempt_id
    assert take_seat(me).post(f"/attempts/{attempt_id}/hand-in").status_code == 303
    later = turn(timedelta(days=45))
    page, api = f"/attempts/{attempt_id}/result", f"/attempts/{attempt_id}"
    second = make_another_exam(hall, now=later)
    assert CANARY in take_seat(me).get(page).text
    if joined_later:
        classes.enrol(second.class_id, me.person_id, now=later)
    seat = take_seat(me)
    assert [CANARY in text for text in (seat.get(page).text, seat.call("GET", api).text)] == [not joined_later] * 2
    turn(timedelta(days=100))
    assert CANARY in take_seat(me).get(page).text
