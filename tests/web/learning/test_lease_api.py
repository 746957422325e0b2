"""Leases and beats as the contract of the JSON interface has them."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from lms.accounts.models import AuthSessionRow
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import clock
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.web.learning.conftest import Browser, SignedIn

POLICY = {
    "version": 0,
    "threshold_percent": 95,
    "max_rate_percent": 100,
    "seek_courtesy": False,
    "pause_when_hidden": True,
    "presence": None,
}
PLAYED = {"seq": 1, "segments": [[0, 15_000]], "position_ms": 15_000, "rate": 1, "visible": True}


def test_a_lease_tells_what_a_player_needs(learner: Browser, course: Course) -> None:
    answer = learner.open_lease(course.lecture_ids[0])
    assert answer.status_code == 201
    body = answer.get_json()
    assert UUID(body.pop("lease_id"))
    assert body.pop("playlist_url").startswith(f"/media/{course.asset_ids[0]}/master.m3u8?for=")
    assert body == {
        "beat_seconds": 15,
        "duration_ms": 60_000,
        "watched": [],
        "position_ms": 0,
        "policy": POLICY,
        "presence": None,
    }
    assert f"Path=/media/{course.asset_ids[0]}/" in answer.headers["Set-Cookie"]


def test_a_beat_is_credited_and_renews_the_grant(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body.pop("carry")
    assert body == {
        "accepted_ms": 15_000,
        "trimmed": [],
        "watched": [[0, 15_000]],
        "coverage": 0.25,
        "completed": False,
        "course_completed": False,
        "lease_state": "active",
        "presence": None,
    }
    assert "lms_media=" in answer.headers["Set-Cookie"]


def test_trimmed_seconds_carry_their_reason(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=10)
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json={**PLAYED, "segments": [[0, 90_000]]})
    reasons = {trim["reason"]: trim["ms"] for trim in answer.get_json()["trimmed"]}
    assert reasons["outside_duration"] == 30_000
    assert 45_000 < reasons["budget"] <= 50_000


def test_a_superseded_lease_answers_410_with_why_and_what_it_still_credited(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=10)
    learner.open_lease(course.lecture_ids[0])
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED)
    assert answer.status_code == 410
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert (body["lease_state"], body["watched"][0][0]) == ("superseded", 0)
    assert 10_000 <= body["accepted_ms"] < 15_000
    assert body["detail"] == "您已在其他页面或设备上开始播放，本页面不再计时"


def test_progress_is_what_the_beats_left(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=60)
    learner.client.post(f"/api/v1/leases/{lease}/beats", json={**PLAYED, "segments": [[0, 57_000]]})
    body = learner.get(f"/api/v1/lectures/{course.lecture_ids[0]}/progress").get_json()
    assert body.pop("completed_at") is not None
    assert body == {
        "duration_ms": 60_000,
        "watched": [[0, 57_000]],
        "coverage": 0.95,
        "position_ms": 15_000,
        "gaps": [[57_000, 60_000]],
        "trimmed": [],
        "policy": POLICY,
    }


def test_progress_tells_what_was_trimmed(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    for seq in (1, 2):
        learner.client.post(
            f"/api/v1/leases/{lease}/beats", json={**PLAYED, "seq": seq, "segments": [[0, 15_000], [60_000, 61_000]]}
        )
    body = learner.get(f"/api/v1/lectures/{course.lecture_ids[0]}/progress").get_json()
    assert body["trimmed"] == [{"ms": 2_000, "reason": "outside_duration"}]


def test_a_lease_needs_a_sign_in_and_the_pages_token(clean: Flask, learner: Browser, course: Course) -> None:
    lecture = {"lecture_id": str(course.lecture_ids[0])}
    without_token = learner.client.post("/api/v1/leases", json=lecture)
    assert (without_token.status_code, without_token.get_json()["code"]) == (400, "csrf")
    learner.client.delete("/api/v1/session", headers={"X-CSRFToken": learner.csrf})
    signed_out = learner.client.post("/api/v1/leases", json=lecture, headers={"X-CSRFToken": learner.csrf})
    assert signed_out.status_code == 401


def test_beats_go_on_after_a_sign_in_has_idled_away(learner: Browser, course: Course) -> None:
    """The lease is bound to the person, not to the sign-in: an expired sign-in loses no second."""
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    with unit_of_work() as session:
        session.execute(update(AuthSessionRow).values(expires_at=clock.now() - timedelta(hours=1)))
    assert learner.get("/api/v1/me/hours").status_code == 401
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED)
    assert (answer.status_code, answer.get_json()["accepted_ms"]) == (200, 15_000)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_beats_from_another_origin_are_refused(learner: Browser, course: Course, headers: dict[str, str]) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    assert learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}], ids=str)
def test_beats_of_the_page_itself_are_taken(learner: Browser, course: Course, headers: dict[str, str]) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    assert learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seq": "1"}, "$.seq"),
        ({"seq": -1}, "$.seq"),
        ({"segments": "all"}, "$.segments"),
        ({"segments": [[0]]}, "$.segments[0]"),
        ({"segments": [[0, 1, 2]]}, "$.segments[0]"),
        ({"segments": [[0, "15000"]]}, "$.segments[0][1]"),
        ({"segments": [[0, 1.5]]}, "$.segments[0][1]"),
        ({"segments": [[0, 10**40]]}, "$.segments[0][1]"),
        ({"segments": [[0, 1]] * 501}, "$.segments"),
        ({"position_ms": None}, "$.position_ms"),
        ({"rate": "fast"}, "$.rate"),
        ({"rate": 1e300}, "$.rate"),
        ({"visible": 1}, "$.visible"),
        ({"final": "yes"}, "$.final"),
    ],
    ids=str,
)
def test_a_malformed_beat_is_refused_naming_the_field(
    learner: Browser, course: Course, change: dict[str, object], field: str
) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json={**PLAYED, **change})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"NaN", b"[" * 5000], ids=lambda one: repr(one[:8])
)
def test_what_is_no_json_object_is_refused(learner: Browser, course: Course, content: bytes) -> None:
    lease = learner.lease(course.lecture_ids[0])
    url = f"/api/v1/leases/{lease}/beats"
    assert learner.client.post(url, data=content, content_type="application/json").status_code == 422


def test_a_beat_that_does_not_call_itself_json_is_refused(learner: Browser, course: Course) -> None:
    """A form of another site could send text, never application/json."""
    lease = learner.lease(course.lecture_ids[0])
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", data=b"{}", content_type="text/plain")
    assert answer.status_code == 415


def test_backward_and_negative_spans_earn_nothing_and_harm_nothing(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    spans = [[9_000, 3_000], [-5_000, -1_000], [0, 5_000]]
    answer = learner.client.post(f"/api/v1/leases/{lease}/beats", json={**PLAYED, "segments": spans}).get_json()
    assert (answer["accepted_ms"], answer["watched"]) == (5_000, [[0, 5_000]])


def test_anothers_enrolment_and_an_unknown_lease_are_not_found(
    school: School, course: Course, learner: Browser, signed_in: SignedIn
) -> None:
    other = learning.add_person(school.unit_id, "李四")
    enrolment = learning.add_enrolment(learning.add_class(school, [course]), other)
    assert learner.open_lease(course.lecture_ids[0], enrolment).status_code == 404
    assert learner.client.post(f"/api/v1/leases/{UUID(int=5)}/beats", json=PLAYED).status_code == 404
    assert signed_in(other).open_lease(course.lecture_ids[0], enrolment).status_code == 201


def test_an_unpublished_lecture_is_not_found(school: School, learner: Browser) -> None:
    draft = learning.add_course(school, published=False).lecture_ids[0]
    answers = [learner.open_lease(draft), learner.open_lease(UUID(int=9))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert learner.get(f"/api/v1/lectures/{draft}/progress").status_code == 404


def test_a_beat_takes_few_statements(learner: Browser, course: Course, statements: list[str]) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    statements.clear()
    learner.client.post(f"/api/v1/leases/{lease}/beats", json=PLAYED)
    writes = "INSERT" if db.dialect() == "sqlite" else "WITH"  # both rows in one statement
    assert [one.split()[0] for one in statements] == ["SELECT", writes]


def test_a_beat_that_brings_its_carry_along_is_one_statement(
    learner: Browser, course: Course, statements: list[str]
) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=15)
    first = learner.client.post(f"/api/v1/leases/{lease}/beats", json={**PLAYED, "segments": [[0, 5_000]]}).get_json()
    statements.clear()
    body = {**PLAYED, "seq": 2, "carry": first["carry"]}
    again = learner.client.post(f"/api/v1/leases/{lease}/beats", json=body).get_json()
    assert (again["accepted_ms"], len(statements)) == (10_000, 1)
    assert learner.client.post(f"/api/v1/leases/{lease}/beats", json={**body, "carry": "x" * 4_097}).status_code == 422
