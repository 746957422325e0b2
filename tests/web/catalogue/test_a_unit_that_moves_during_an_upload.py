"""A lecture belongs to its unit where that stands when the upload ends, not where it stood when it began."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from lms.access import queries as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts.service import states
from lms.catalogue import queries as catalogue, service
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock, ids
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.organisations import service as units
from lms.web import uploads
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


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """A function that lets something happen while a file comes in."""

    def happens(what: Callable[[], object]) -> None:
        real = uploads.login.ask_again

        def after_the_last_byte(*arguments: Any) -> None:
            what()
            real(*arguments)

        monkeypatch.setattr(uploads.login, "ask_again", after_the_last_byte)

    return happens


def a_draft(staff: Staff, *, until: datetime | None = None) -> tuple[Principal, UUID, dict[str, str]]:
    """An author, whose role may have an end, a draft of theirs, and the form that changes it."""
    person, unit_id = make_person(staff.land.unit, "课件员", second_factor=True).person_id, staff.land.unit.id
    held = {"from_at": NOW, "until_at": until, "granted_at": NOW, "granted_by": None, "reason": "课件"}
    with unit_of_work() as session:
        session.add(RoleGrantRow(id=ids.new_id(NOW), person_id=person, role=roles.UPLOADER, unit_id=unit_id, **held))
    with reading() as session:
        uploader = access.principal_of_person(session, person, now=clock.now())
    assert uploader
    asset_id = content.make_ready_asset(uploader)
    revision_id = content.make_lecture(uploader, asset_id=asset_id)
    with reading() as session:
        course_id = catalogue.lecture_version(session, revision_id).course_id
    return uploader, revision_id, {**TEXTS, "title": "改过的标题", "course": str(course_id), "asset_id": str(asset_id)}


def title_of(revision_id: UUID) -> str:
    with reading() as session:
        return catalogue.lecture_version(session, revision_id).title


def test_who_loses_the_role_during_an_upload_changes_nothing(
    clean: Flask, staff: Staff, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    uploader, revision_id, form = a_draft(staff)
    meanwhile(lambda: end_roles(uploader.person_id))
    before = title_of(revision_id)
    assert post(signed_in(clean, uploader), f"/staff/lectures/{revision_id}/edit", form).status_code == 403
    assert title_of(revision_id) == before != "改过的标题"


def test_who_is_disabled_during_an_upload_is_asked_to_sign_in(
    clean: Flask, staff: Staff, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    uploader, revision_id, form = a_draft(staff)
    meanwhile(lambda: states.disable(uploader.username, reason="离职", now=clock.now()))
    before = title_of(revision_id)
    answer = post(signed_in(clean, uploader), f"/staff/lectures/{revision_id}/edit", form)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in")
    assert title_of(revision_id) == before


def test_an_author_whose_unit_moves_during_an_upload_is_still_its_author(
    clean: Flask, staff: Staff, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    uploader, revision_id, form = a_draft(staff)
    act = units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
    meanwhile(lambda: units.move(staff.land.unit.id, staff.land.other_province.id, act))
    assert post(signed_in(clean, uploader), f"/staff/lectures/{revision_id}/edit", form).status_code == 303
    assert title_of(revision_id) == "改过的标题"


def test_no_sign_in_runs_out_while_a_file_comes_in(
    clean: Flask, staff: Staff, meanwhile: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    uploader, revision_id, form = a_draft(staff)
    browser = signed_in(clean, uploader)
    real = clock.now
    tab = clean.test_client()
    cookie = browser.get_cookie("session")
    assert cookie
    tab.set_cookie("session", cookie.value)

    def polls() -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=40))
        with clean.app_context():
            tab.get(f"/staff/lectures/{revision_id}/progress", headers={"X-Background": "1"})

    meanwhile(polls)
    assert "sign-in" not in post(browser, f"/staff/lectures/{revision_id}/edit", form).location
    assert title_of(revision_id) == "改过的标题"


def test_a_role_that_runs_out_during_an_upload_changes_nothing(
    clean: Flask, staff: Staff, meanwhile: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    uploader, revision_id, form = a_draft(staff, until=clock.now() + timedelta(minutes=5))
    real = clock.now
    browser = signed_in(clean, uploader)
    meanwhile(lambda: monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=10)))
    assert post(browser, f"/staff/lectures/{revision_id}/edit", form).status_code == 403
    assert title_of(revision_id) != "改过的标题"


def end_roles(person_id: UUID) -> None:
    ended = {"ended_at": clock.now(), "ended_by": person_id, "end_reason": "换岗"}
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.person_id == person_id).values(ended))


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
