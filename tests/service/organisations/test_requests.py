"""Somebody whose unit is not listed asks for it; an administrator settles or declines it, once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.accounts.service import memberships
from lms.accounts.service.holding import OnOneself
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from lms.organisations.service.requests import AlreadySettled
from tests.factories.certificates import Land, MakePerson
from tests.service.organisations.changes import ACT, NOW, add, now_of

ADMIN = ids.new_id(NOW)  # of nobody; where a membership changes, somebody real decides


@pytest.fixture
def asker(land: Land, make_person: MakePerson) -> object:
    return make_person(unit=land.province)


@pytest.fixture
def admin(land: Land, make_person: MakePerson) -> object:
    return make_person("管理员", unit=land.province)


@pytest.fixture
def request_id(land: Land, asker: object) -> object:
    return service.ask(asker, land.province.id, "曙光厂工会", now=NOW)


def unit_of(person_id: object) -> object:
    with reading() as session:
        return session.execute(select(PersonRow.unit_id).where(PersonRow.id == person_id)).scalar_one()


def test_it_waits_within_the_scopes(clean: Flask, land: Land, request_id: object) -> None:
    with reading() as session:
        (found,) = queries.requests(session, (land.national.path,))
        assert (found.id, found.name, found.parent_name) == (request_id, "曙光厂工会", land.province.name)
        assert queries.requests(session, (land.unit.path,)) == ()
        assert queries.requests(session, ()) == ()
        for scopes in ((), (land.unit.path,)):
            with pytest.raises(NotFound):
                queries.request(session, request_id, scopes)


def test_a_listed_unit_settles_it(clean: Flask, land: Land, asker: object, admin: object, request_id: object) -> None:
    assert service.settle(request_id, unit_id=land.unit.id, actor_id=admin, reach=EVERYWHERE, now=NOW) == land.unit.id
    assert unit_of(asker) == land.unit.id
    with reading() as session:
        assert queries.requests(session, (land.national.path,)) == ()


def test_who_left_the_union_meanwhile_stays_where_they_are(
    clean: Flask, land: Land, asker: object, admin: object, request_id: object
) -> None:
    by = Staff(admin, (land.national.path,))
    memberships.move(asker, land.national.id, from_on=memberships.day_of(NOW), by=by, reason="调动", now=NOW)
    assert service.settle(request_id, unit_id=land.unit.id, actor_id=admin, reach=EVERYWHERE, now=NOW) == land.unit.id
    assert unit_of(asker) == land.national.id


def test_nobody_settles_their_own_request(clean: Flask, land: Land, asker: object, request_id: object) -> None:
    with pytest.raises(OnOneself):
        service.settle(request_id, unit_id=land.unit.id, actor_id=asker, reach=EVERYWHERE, now=NOW)
    assert unit_of(asker) == land.province.id


def test_a_new_unit_settles_it(clean: Flask, land: Land, asker: object, admin: object, request_id: object) -> None:
    made = service.settle(
        request_id, unit_id=None, name="曙光厂工会委员会", kind="unit", actor_id=admin, reach=EVERYWHERE, now=NOW
    )
    with reading() as session:
        unit = queries.unit(session, made)
    assert (unit.name, unit.parent_id) == ("曙光厂工会委员会", land.province.id)
    assert unit_of(asker) == made


def test_a_declined_one_leaves_the_person_where_they_are(
    clean: Flask, land: Land, asker: object, request_id: object
) -> None:
    service.decline(request_id, comment="查无此单位", actor_id=ADMIN, reach=EVERYWHERE, now=NOW)
    assert unit_of(asker) == land.province.id
    with reading() as session:
        assert queries.request(session, request_id, (land.national.path,)).comment == "查无此单位"


Decide = Callable[[object, Land, Unit], object]
WRONG: list[tuple[str, type[DomainError], Decide]] = [
    (
        "a unit of another province",
        Invalid,
        lambda one, _l, other: service.settle(one, unit_id=other.id, actor_id=ADMIN, reach=EVERYWHERE, now=NOW),
    ),
    (
        "the nation",
        Invalid,
        lambda one, land, _o: service.settle(one, unit_id=land.national.id, actor_id=ADMIN, reach=EVERYWHERE, now=NOW),
    ),
    (
        "no unit",
        NotFound,
        lambda one, _l, _o: service.settle(one, unit_id=ids.new_id(), actor_id=ADMIN, reach=EVERYWHERE, now=NOW),
    ),
    (
        "a name that is there",
        service.NameTaken,
        lambda one, land, _o: service.settle(
            one, unit_id=None, name=land.unit.name, actor_id=ADMIN, reach=EVERYWHERE, now=NOW
        ),
    ),
    (
        "no reason",
        Invalid,
        lambda one, _l, _o: service.decline(one, comment=" ", actor_id=ADMIN, reach=EVERYWHERE, now=NOW),
    ),
    (
        "no request",
        NotFound,
        lambda _1, _l, _o: service.decline(ids.new_id(), comment="x", actor_id=ADMIN, reach=EVERYWHERE, now=NOW),
    ),
]


@pytest.mark.parametrize(("error", "decide"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_answers_change_nothing(
    clean: Flask, land: Land, asker: object, request_id: object, error: type[DomainError], decide: Decide
) -> None:
    other = service.add_unit(
        parent_id=land.national.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW
    )
    with pytest.raises(error):
        decide(request_id, land, add(other, "长沙厂工会"))
    assert unit_of(asker) == land.province.id
    with reading() as session:
        assert len(queries.requests(session, (land.national.path,))) == 1


def test_it_is_decided_once(clean: Flask, land: Land, asker: object, admin: object, request_id: object) -> None:
    service.settle(request_id, unit_id=land.unit.id, actor_id=admin, reach=EVERYWHERE, now=NOW)
    with pytest.raises(AlreadySettled):
        service.decline(request_id, comment="x", actor_id=admin, reach=EVERYWHERE, now=NOW)
    with pytest.raises(AlreadySettled):
        service.settle(request_id, unit_id=None, name="又一个", actor_id=admin, reach=EVERYWHERE, now=NOW)
    assert unit_of(asker) == land.unit.id


def test_a_union_without_units_below_is_nobodys_nearest(clean: Flask, land: Land, asker: object) -> None:
    with pytest.raises(service.AlreadyClosed):
        service.ask(asker, land.unit.id, "曙光厂工会", now=NOW)
    city = add(land.province, "杭州市总工会", "city")
    service.close(city.id, ACT)
    with pytest.raises(service.AlreadyClosed):
        service.ask(asker, city.id, "曙光厂工会", now=NOW)
    assert now_of(city).state == "closed"
