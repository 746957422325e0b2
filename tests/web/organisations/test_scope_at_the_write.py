"""A unit that another union took over between the look and the write is changed by its new union only."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from lms.organisations.service import Act
from tests.factories.people import NOW, make_person, post
from tests.web.organisations.conftest import Office
from tests.web.organisations.test_tree_pages import change

Gone = Callable[[str], None]


@pytest.fixture
def gone(office: Office, monkeypatch: pytest.MonkeyPatch) -> Gone:
    """Has the city go to the other province just before a service of the tree begins its transaction."""

    def before(name: str) -> None:
        real = getattr(service, name)

        def raced(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(service, name, real)
            service.move(office.city.id, office.land.other_province.id, Act(None, "划转", NOW, reach=EVERYWHERE))
            return real(*args, **kwargs)

        monkeypatch.setattr(service, name, raced)

    return before


def now_of(unit_id: UUID) -> Unit:
    with reading() as session:
        return queries.unit(session, unit_id)


@pytest.fixture
def factory(office: Office) -> Unit:
    return service.add_unit(parent_id=office.city.id, name="曙光厂工会", kind="unit", reach=EVERYWHERE, now=NOW)


def test_renaming(office: Office, factory: Unit, gone: Gone) -> None:
    gone("rename")
    answer = change(office.admin, factory, "name", name="被外省改名的工会")
    assert now_of(factory.id).path.startswith(office.land.other_province.path)
    assert (now_of(factory.id).name, answer.status_code) == ("曙光厂工会", 404)


def test_closing(office: Office, factory: Unit, gone: Gone) -> None:
    gone("close")
    answer = change(office.admin, factory, "closing")
    assert (now_of(factory.id).state, answer.status_code) == ("open", 404)


def test_taking_back(office: Office, factory: Unit, gone: Gone) -> None:
    """Who has lost the city pulls a unit of it back under their own province."""
    gone("move")
    answer = change(office.admin, factory, "parent", target_id=str(office.land.province.id))
    assert (now_of(factory.id).parent_id, answer.status_code) == (office.city.id, 404)


def test_founding(office: Office, gone: Gone) -> None:
    gone("add_unit")
    answer = post(office.admin, f"/staff/units/{office.city.id}/units", {"name": "新厂工会", "kind": "unit"})
    with reading() as session:
        assert (queries.children(session, office.city.id), answer.status_code) == ((), 404)


def test_settling_a_request(office: Office, gone: Gone) -> None:
    person = make_person(office.city, "钱学敏")
    request_id = service.ask(person.person_id, office.city.id, "曙光厂工会", now=NOW)
    gone("settle")
    form = {"new": "1", "name": "曙光厂工会", "kind": "unit"}
    answer = post(office.admin, f"/staff/unit-requests/{request_id}/settlement", form)
    with reading() as session:
        there = queries.requests(session, (office.land.other_province.path,))
        made = queries.children(session, office.city.id)
    assert ([one.id for one in there], made, answer.status_code) == ([request_id], (), 404)


def test_declining_a_request(office: Office, gone: Gone) -> None:
    person = make_person(office.city, "钱学敏")
    request_id = service.ask(person.person_id, office.city.id, "曙光厂工会", now=NOW)
    gone("decline")
    answer = post(office.admin, f"/staff/unit-requests/{request_id}/refusal", {"comment": "查无此单位"})
    with reading() as session:
        there = queries.requests(session, (office.land.other_province.path,))
    assert ([one.id for one in there], answer.status_code) == ([request_id], 404)


def test_applying_a_sheet(office: Office, gone: Gone) -> None:
    sheet = "单位名称,层级,统一社会信用代码,上级单位\n新厂工会,,,\n".encode("utf-8-sig")
    sent = post(office.admin, f"/staff/units/{office.city.id}/import", {"file": (BytesIO(sheet), "a.csv")})
    assert sent.status_code == 303, sent.text
    gone("apply_sheet")
    answer = post(office.admin, f"{sent.location}/application")
    with reading() as session:
        assert (queries.children(session, office.city.id), answer.status_code) == ((), 404)
