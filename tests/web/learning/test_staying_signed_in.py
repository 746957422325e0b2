"""A sign-in never ends under a playing video, and ends when the video did long ago."""

from datetime import timedelta

import pytest

from lms.kernel import clock
from tests.factories.learning import Course
from tests.web.learning.conftest import Browser


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> object:
    """Sets the clock to so many minutes after the test began."""
    start = clock.now()

    def to(minutes: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=minutes))

    return to


def beat(learner: Browser, lease: str, seq: int) -> None:
    body = {"seq": seq, "segments": [], "position_ms": 0, "rate": 1, "visible": True}
    assert learner.client.post(f"/api/v1/leases/{lease}/beats", json=body).status_code == 200


def test_two_hours_of_beats_keep_the_sign_in_and_the_idle_time_without_any_ends_it(
    learner: Browser, course: Course, go
) -> None:
    lease = learner.open_lease(course.lecture_ids[0]).get_json()["lease_id"]
    for seq, minutes in enumerate(range(10, 121, 10), start=1):
        go(minutes)
        beat(learner, lease, seq)
    assert learner.get("/api/v1/me/hours").status_code == 200
    go(156)
    assert learner.get("/api/v1/me/hours").status_code == 401


def test_beats_are_no_statement_of_the_sign_in(learner: Browser, course: Course, go, statements) -> None:
    lease = learner.open_lease(course.lecture_ids[0]).get_json()["lease_id"]
    go(5)
    before = len(statements)
    beat(learner, lease, 1)
    assert statements[before:]
    assert not [statement for statement in statements[before:] if "auth_session" in statement]


def test_a_video_that_was_never_started_keeps_nothing(learner: Browser, course: Course, go) -> None:
    go(36)
    assert learner.open_lease(course.lecture_ids[0]).status_code == 401


def test_a_lecture_page_that_is_open_says_so_and_can_begin_after_an_hour(learner: Browser, course: Course, go) -> None:
    assert "data-keep-alive" in learner.get(f"/lectures/{course.lecture_ids[0]}").text
    for minutes in range(3, 62, 3):
        go(minutes)
        told = learner.client.post("/api/v1/session/activity", headers={"X-CSRFToken": learner.csrf})
        assert told.status_code == 204
    go(61)
    assert learner.open_lease(course.lecture_ids[0]).status_code == 201
