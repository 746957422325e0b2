"""A sign-in never ends while an attempt is open: the candidate thinks, and nothing is asked of the server meanwhile."""

from datetime import timedelta

from tests.factories.exams import Hall
from tests.web.exams.conftest import Seat, Turn


def test_an_open_attempt_saves_after_an_hour_of_silence_less_a_minute_and_hands_in_after_it(
    hall: Hall, seat: Seat, turn: Turn
) -> None:
    opened = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    assert "data-keep-alive" in seat.get(f"/attempts/{opened['attempt_id']}").text
    turn(timedelta(minutes=59))
    body = {"epoch": opened["epoch"], "client_seq": 1, "value": []}
    assert seat.call("PUT", f"/attempts/{opened['attempt_id']}/answers/1", body).status_code == 200
    turn(timedelta(minutes=75))
    assert seat.call("POST", f"/attempts/{opened['attempt_id']}/submission").status_code == 200


def test_without_an_attempt_the_sign_in_ends(hall: Hall, seat: Seat, turn: Turn) -> None:
    turn(timedelta(minutes=36))
    assert seat.call("POST", f"/exams/{hall.exam_id}/attempts").status_code == 401
