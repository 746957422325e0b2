"""What somebody does while a colleague takes their role is kept only when it was done before: races of PostgreSQL, through pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lms.access import queries as held_roles, service as access
from lms.access.domain import roles
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import states
from lms.infra import crypto
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as organisations
from lms.organisations.service import rules
from tests.factories.cadres import make_admin
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.factories.together import beside, caught

pytestmark = pytest.mark.postgres
NUMBER = "11010519491231002X"


@dataclass
class Office:
    """An administrator of a province with their browser, and somebody of a unit below."""

    land: Land
    admin: Principal
    browser: FlaskClient
    person: Principal


@pytest.fixture
def office(clean: Flask) -> Office:
    land = make_land()
    admin = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province})
    return Office(land, admin, signed_in(clean, admin), make_person(land.unit, "学员"))


def takes_the_role(office: Office) -> Callable[[], object]:
    chief = make_admin(office.land.national)
    with reading() as session:
        (held,) = held_roles.grants_of_person(session, office.admin.person_id, EVERYWHERE)
    return lambda: access.end(held.id, ender=chief, reason="调离", now=clock.now())


def asked_while(
    held: Callable[[Session], object], request: Callable[[], TestResponse], meanwhile: Callable[[], object]
) -> TestResponse:
    """The answer to a request that waits for what is held, while something else is done and committed."""
    results: dict[str, object] = {}
    asks, acts = caught(request, results, "answer"), caught(meanwhile, results, "act")
    with unit_of_work() as session:
        held(session)
        asks.start()
        asks.join(0.7)
        assert asks.is_alive(), "it waits"
        acts.start()
        acts.join(10)
        assert results.get("act", "under way") is None
    asks.join(30)
    return answered(results["answer"])


def answered(found: object) -> TestResponse:
    assert isinstance(found, TestResponse), found
    return found


def give_number(person_id: UUID) -> None:
    sealed = seal(PersonRow.id_number_sealed, person_id, NUMBER)
    with unit_of_work() as session:
        row = update(PersonRow).where(PersonRow.id == person_id)
        session.execute(row.values(id_number_sealed=sealed, id_number_hash=crypto.mac("id_number", NUMBER)))


def test_the_whole_number_is_shown_to_nobody_who_lost_the_role(office: Office) -> None:
    give_number(office.person.person_id)
    form = {"purpose": "file", "reason": "核对档案"}
    path = f"/staff/people/{office.person.person_id}/id-number/reveal"
    answer = answered(beside(takes_the_role(office), lambda: post(office.browser, path, form)))
    assert answer.status_code == 409 and "没有完成" in answer.text
    assert NUMBER not in answer.text.replace(" ", "")
    assert post(office.browser, path, form).status_code == 403


def test_who_lost_the_role_disables_nobody(office: Office) -> None:
    path = f"/staff/people/{office.person.person_id}/disabling"
    answer = answered(
        beside(takes_the_role(office), lambda: post(office.browser, path, {"reason": "离职", "sure": "1"}))
    )
    assert answer.status_code == 409
    with reading() as session:
        state = session.execute(select(AccountRow.state).where(AccountRow.person_id == office.person.person_id))
        assert state.scalar_one() == "active"


@pytest.mark.parametrize("what", ["role", "account"])
def test_who_lost_the_role_or_the_account_changes_no_unit(office: Office, what: str) -> None:
    unit = office.land.unit
    meanwhile = {
        "role": takes_the_role(office),
        "account": lambda: states.disable(office.admin.username, reason="离职", now=clock.now()),
    }[what]
    form = {"name": "改过的名称", "reason": "更名", "effective_on": date.today().isoformat()}
    answer = asked_while(rules.lock_tree, lambda: post(office.browser, f"/staff/units/{unit.id}/name", form), meanwhile)
    assert answer.status_code == 409
    with reading() as session:
        assert organisations.unit(session, unit.id).name == unit.name


def test_who_gives_up_their_own_role_does(office: Office) -> None:
    with reading() as session:
        (held,) = held_roles.grants_of_person(session, office.admin.person_id, EVERYWHERE)
    make_person(office.land.province, "另一位", grants={roles.UNIT_ADMIN: office.land.province})
    answer = post(office.browser, f"/staff/roles/{held.id}/end", {"reason": "不再担任", "sure": "1"})
    assert answer.status_code == 303, answer.text
