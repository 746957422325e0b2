"""A lecture belongs to its unit where that stands when the upload ends, not where it stood when it began."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.catalogue import service
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.organisations import service as units
from tests.factories import content
from tests.factories.people import NOW, Staff, make_person, post, signed_in
from tests.web.catalogue.test_uploading import TEXTS


@pytest.fixture
def moves(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = service.create_lecture

    def late(*arguments: Any, **named: Any) -> Any:
        units.move(
            staff.land.unit.id, staff.land.other_province.id, units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
        )
        return real(*arguments, **named)

    monkeypatch.setattr(service, "create_lecture", late)
    return None


def test_the_old_province_gets_no_lecture_of_a_unit_that_left(clean: Flask, staff: Staff, moves: None) -> None:
    uploader = make_person(staff.land.unit, "课件员", grants={roles.UPLOADER: staff.land.national})
    asset_id = content.make_ready_asset(uploader)
    author = signed_in(clean, uploader)
    made = post(author, "/staff/lectures", {**TEXTS, "asset_id": str(asset_id)})
    assert made.status_code == 303, made.text
    revision_id = made.location.rsplit("/", 1)[-1]
    assert post(author, f"/staff/lectures/{revision_id}/submission").status_code == 303
    with reading() as session:
        (found,) = moderation.of_author(session, uploader.person_id)
    assert found.state is State.PROVINCE_REVIEW
    old, new = (signed_in(clean, one) for one in (staff.province_reviewer, staff.other_province_reviewer))
    shown = [one.get(f"/staff/reviews/{revision_id}").status_code for one in (old, new)]
    assert shown == [404, 200]
