"""A lease that is being opened while the lecture is suspended ends with the others."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from lms.catalogue import service as authoring
from lms.infra.db import reading
from lms.learning.models import LeaseRow
from lms.learning.service import lease
from tests.factories import content, learning
from tests.factories.people import NOW, make_staff

LATER = NOW + timedelta(days=1)


def test_the_suspension_waits_and_ends_it(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = make_staff()
    version = content.publish(staff)
    suspending = Thread(
        target=lambda: authoring.suspend(
            version.revision_id, actor=staff.national_reviewer, reason="引文有误", now=LATER
        )
    )
    real, waited = lease._checked_enrolment, []

    def meanwhile(*arguments: Any) -> Any:  # the lecture has been read
        suspending.start()
        suspending.join(timeout=1.5)
        waited.append(suspending.is_alive())
        return real(*arguments)

    monkeypatch.setattr(lease, "_checked_enrolment", meanwhile)
    opened = learning.open_lease(version.lecture_id, staff.learner.person_id, now=LATER)
    suspending.join(timeout=30)
    with reading() as session:
        state = session.get_one(LeaseRow, opened.lease_id).state
    assert (waited, state) == ([True], "revoked")
