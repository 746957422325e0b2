"""a bank that leaves an author's reach between the look at it and the write takes nothing from them any more.

The check reads in a transaction of its own; the write waits for the lock that the move of the unit holds, and then looks
at nothing but the code of the bank.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lms.access.domain import roles
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from lms.questionbank import queries, service
from lms.questionbank.staff_views import shown
from tests.factories.items import typed_item
from tests.factories.people import NOW, make_person, post, signed_in
from tests.web.questionbank.conftest import BANK, Desk
from tests.web.questionbank.test_the_editor import fields

HOME = f"/staff/banks/{BANK}"


@pytest.fixture
def writer(desk: Desk) -> Principal:
    return make_person(desk.land.province, "省里的作者", grants={roles.UPLOADER: desk.land.province})


@pytest.fixture
def author(clean: Flask, writer: Principal) -> FlaskClient:
    return signed_in(clean, writer)


@pytest.fixture
def move(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The unit of the bank goes to another province just before the next write of a page begins."""

    def before() -> None:
        real = shown.unit_of_work

        def late() -> AbstractContextManager[Session]:
            act = units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
            units.move(desk.land.unit.id, desk.land.other_province.id, act)
            return real()

        monkeypatch.setattr(shown, "unit_of_work", late)

    return before


def test_nothing_is_written_into_it(author: FlaskClient, move: Callable[[], None]) -> None:
    move()
    assert post(author, f"{HOME}/items", fields()).status_code == 404
    with reading() as session:
        assert not queries.on_their_way(session, BANK)


def test_nothing_leaves_it_as_a_file(author: FlaskClient, writer: Principal, move: Callable[[], None]) -> None:
    service.create(BANK, typed_item("外省的新题？"), author_id=writer.person_id, now=NOW)
    move()
    answer = post(author, f"{HOME}/export", {"format": "text"})
    assert answer.status_code == 404 and "外省的新题" not in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("items/{}/deletion", {}),
        ("items/{}/edit", fields(stem="外省改的题？")),
        ("items/{}/flag", {"reason": "工会法修正"}),
        ("items/{}/flag/settlement", {}),
        ("submissions", {"version": "{}"}),
        ("flags", {"source": "工会法", "reason": "工会法修正"}),
        ("knowledge-points", {"path": "集体协商"}),
    ],
)
def test_nothing_of_it_is_changed(
    path: str, form: dict[str, Any], author: FlaskClient, writer: Principal, move: Callable[[], None]
) -> None:
    version_id = service.create(BANK, typed_item(), author_id=writer.person_id, now=NOW)
    with reading() as session:
        before = queries.version(session, version_id)
    sent = {name: str(version_id) if name == "version" else value for name, value in form.items()}
    sent |= {"token": before.token} if path.endswith("edit") else {}
    move()
    assert post(author, f"{HOME}/{path.format(version_id)}", sent).status_code == 404
    with reading() as session:
        assert queries.version(session, version_id) == before
        assert queries.open_flag(session, before.item_id) is None
        assert "集体协商" not in queries.knowledge_points(session, BANK)
