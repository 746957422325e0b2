"""The national reviewer sees and sets what a course asks of who watches it; nobody else does."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.catalogue import queries as catalogue
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning import queries
from tests.factories import content
from tests.factories.people import Staff, make_staff
from tests.web.learning.conftest import Browser, SignedIn

FORM = {
    "seen_version": "0",
    "threshold_percent": "90",
    "max_rate_percent": "150",
    "pause_when_hidden": "y",
    "presence": "y",
    "from_minutes": "5",
    "to_minutes": "8",
    "seconds": "90",
    "presence_kind": "item",
    "reason": "短课",
}


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now())


@pytest.fixture
def course_id(staff: Staff) -> UUID:
    return content.publish(staff, now=clock.now()).course_id


@pytest.fixture
def reviewer(staff: Staff, signed_in: SignedIn) -> Browser:
    return signed_in(staff.national_reviewer.person_id)


def send(browser: Browser, course_id: UUID, **change: str) -> int:
    data = {**FORM, **change, "csrf_token": browser.csrf}
    return browser.client.post(f"/staff/watching/{course_id}", data=data).status_code


def test_a_decision_is_kept_shown_and_audited(reviewer: Browser, course_id: UUID) -> None:
    assert send(reviewer, course_id) == 302
    with reading() as session:
        held = queries.policy_of(session, course_id)
        acts = (
            session.execute(select(AuditEntryRow.action).where(AuditEntryRow.object_type == "course")).scalars().all()
        )
    assert (held.version, held.threshold_percent, held.max_rate_percent, held.presence.to_minutes) == (1, 90, 150, 8)
    assert acts == ["watch_policy.set"]
    assert "短课" in reviewer.get(f"/staff/watching/{course_id}").get_data(as_text=True)
    assert "90%" in reviewer.get("/staff/watching").get_data(as_text=True)


@pytest.mark.parametrize(
    "change",
    [{"threshold_percent": "49"}, {"max_rate_percent": "x"}, {"to_minutes": "4"}, {"seconds": "10"}, {"reason": " "}],
    ids=str,
)
def test_what_no_policy_may_say_is_refused_beside_its_field(
    reviewer: Browser, course_id: UUID, change: dict[str, str]
) -> None:
    assert send(reviewer, course_id, **change) == 422


def test_who_saw_an_older_version_is_told_and_overwrites_nothing(reviewer: Browser, course_id: UUID) -> None:
    assert [send(reviewer, course_id), send(reviewer, course_id, threshold_percent="60")] == [302, 409]
    with reading() as session:
        assert queries.policy_of(session, course_id).threshold_percent == 90


def test_a_learner_is_refused(staff: Staff, course_id: UUID, signed_in: SignedIn) -> None:
    learner = signed_in(staff.learner.person_id)
    assert learner.get("/staff/watching").status_code == 403
    assert send(learner, course_id) == 403


def test_a_course_that_was_never_published_has_no_page(staff: Staff, reviewer: Browser) -> None:
    revision_id = content.make_lecture(staff.uploader, now=clock.now())
    with reading() as session:
        version = catalogue.lecture_version(session, revision_id)
    answer = reviewer.get(f"/staff/watching/{version.course_id}")
    assert (answer.status_code, version.course_title in answer.text) == (404, False)
