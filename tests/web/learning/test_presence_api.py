"""Presence checks and the playlist, as a page meets them over HTTP."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.learning.models import LeaseRow
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.web.learning.conftest import Browser

BEAT = {"seq": 1, "segments": [[0, 15_000]], "position_ms": 15_000, "rate": 1, "visible": True}


@pytest.fixture
def long_course(school: School) -> Course:
    return learning.add_course(school, duration_ms=3_600_000)


def fetch(learner: Browser, url: str) -> None:
    with learner.get(url) as answer:
        assert answer.status_code == 200


def due_now(lease: str) -> None:
    with unit_of_work() as session:
        session.execute(update(LeaseRow).where(LeaseRow.id == UUID(lease)).values(presence_due_ms=1))


def test_the_policy_tells_how_often_one_is_asked(learner: Browser, long_course: Course) -> None:
    body = learner.open_lease(long_course.lecture_ids[0]).get_json()
    assert body["policy"]["presence"] == {"from_minutes": 10, "to_minutes": 20, "seconds": 60}


def test_a_beat_asks_and_the_answer_goes_on(learner: Browser, long_course: Course) -> None:
    lease = learner.lease(long_course.lecture_ids[0], seconds_ago=15)
    due_now(lease)
    question = learner.client.post(f"/api/v1/leases/{lease}/beats", json=BEAT).get_json()["presence"]
    assert (question["kind"], question["seconds"], question["stem"]) == ("button", 60, None)
    assert question["place"] in range(9)
    window = datetime.fromisoformat(question["answer_by"]) - datetime.fromisoformat(question["asked_at"])
    assert window == timedelta(seconds=60)
    answers = [learner.client.post(f"/api/v1/leases/{lease}/presence", json={"id": question["id"]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert answers[0].get_json() == {
        "lease_state": "active",
        "presence": None,
        "held_ms": 0,
        "lost_ms": 0,
        "correct": None,
    }


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str)
def test_an_answer_of_another_site_is_refused(learner: Browser, long_course: Course, headers: dict[str, str]) -> None:
    lease = learner.lease(long_course.lecture_ids[0])
    body = {"id": str(UUID(int=1))}
    assert learner.client.post(f"/api/v1/leases/{lease}/presence", json=body, headers=headers).status_code == 403


@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": str(UUID(int=1)), "answer": "A"}], ids=str)
def test_a_malformed_answer_is_refused(learner: Browser, long_course: Course, body: dict[str, object]) -> None:
    lease = learner.lease(long_course.lecture_ids[0])
    assert learner.client.post(f"/api/v1/leases/{lease}/presence", json=body).status_code == 422


@pytest.mark.parametrize("marked", [True, False], ids=["by its address", "by the grant alone"])
def test_fetching_the_playlist_lets_a_lease_pay(learner: Browser, course: Course, marked: bool) -> None:
    opened = learner.open_lease(course.lecture_ids[0]).get_json()
    lease = UUID(opened["lease_id"])
    with unit_of_work() as session:
        then = clock.now() - timedelta(seconds=15)
        session.execute(update(LeaseRow).where(LeaseRow.id == lease).values(opened_at=then, last_beat_at=then))
    path = f"/api/v1/leases/{lease}/beats"
    refused = learner.client.post(path, json=BEAT).get_json()
    assert (refused["accepted_ms"], refused["trimmed"]) == (0, [{"ms": 15_000, "reason": "playlist_not_fetched"}])
    url = opened["playlist_url"] if marked else opened["playlist_url"].partition("?")[0]
    fetch(learner, url)
    assert learner.client.post(path, json={**BEAT, "seq": 2}).get_json()["accepted_ms"] == 15_000


def test_a_mark_that_is_none_breaks_nothing(learner: Browser, course: Course) -> None:
    url = learner.open_lease(course.lecture_ids[0]).get_json()["playlist_url"].partition("?")[0]
    for mark in ("x", "k1.x", "k1.", "%00", "k1.é"):
        fetch(learner, f"{url}?for={mark}")


def test_24_signing_out_in_mid_play_ends_what_is_credited(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    learner.client.delete("/api/v1/session", headers={"X-CSRFToken": learner.csrf})
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json=BEAT)
    assert (answer.status_code, answer.get_json()["lease_state"], answer.get_json()["accepted_ms"]) == (
        410,
        "ended",
        15_000,
    )
