"""an account that is disabled while it opens a lecture plays it no further: beats ask for no sign-in later on."""

from typing import Any
from uuid import UUID

import pytest

from lms.accounts.models import AccountRow
from lms.accounts.service import states
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning import service
from lms.learning.models import LeaseRow
from tests.factories.learning import Course
from tests.web.learning.conftest import Browser


def test_its_lease_ends_with_the_account(learner: Browser, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    real = service.open_lease
    with reading() as session:
        username = session.query(AccountRow).filter_by(person_id=learner.person_id).one().username

    def late(*arguments: Any, **named: Any) -> Any:
        states.disable(username, reason="调查", now=clock.now())
        return real(*arguments, **named)

    monkeypatch.setattr(service, "open_lease", late)
    answer = learner.open_lease(course.lecture_ids[0])
    if answer.status_code != 201:
        return  # refused: as it should be
    lease_id = answer.get_json()["lease_id"]
    assert learner.get("/me/hours").status_code in (302, 303), "the account is signed out"
    learner.get(answer.get_json()["playlist_url"]).close()
    told = {"seq": 1, "segments": [], "position_ms": 0, "rate": 1, "visible": True}
    beat = learner.client.post(f"/api/v1/leases/{lease_id}/beats", json=told)
    with reading() as session:
        state = session.get_one(LeaseRow, UUID(lease_id)).state
    assert (beat.status_code, state) == (410, "revoked"), "it is played on, and each beat renews the grant"
