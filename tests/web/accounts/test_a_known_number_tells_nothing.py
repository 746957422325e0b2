"""Who gives an ID number that somebody else has can't tell it from any of their own pages: it looks like a fresh one."""

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.models import PersonRow
from lms.accounts.service import id_numbers
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from tests.factories.cadres import make_admin
from tests.factories.people import PASSWORD, Land, make_land, make_person, post, signed_in
from tests.factories.qualification import add_qualification, give_number, id_number_of

KNOWN, FRESH = id_number_of(1), id_number_of(2)
GIVEN = {"accepted": "y", "version": CURRENT[ID_NUMBER]}
VOLATILE = re.compile(
    r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:value|seconds-left)="[^"]*"|content="[^"]*"|<code>[^<]*</code>|\d\d:\d\d[^" <]*'
)
"""Ids, the CSRF token, the request's id, times of day, the seconds that the sign-in lasts."""


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def both(land: Land) -> tuple[Principal, Principal]:
    """Two of one name in one class; only the second gives a number that a third has."""
    one, other, third = (make_person(land.unit, "张三") for _ in range(3))
    add_qualification(land.unit, one.person_id, other.person_id)
    give_number(third.person_id, KNOWN)
    return one, other


def holder() -> UUID:
    with reading() as session:
        return session.execute(select(PersonRow.id).where(PersonRow.id_number_hash.is_not(None))).scalar_one()


def answer(
    client: FlaskClient, person: Principal, path: str, data: dict[str, str] | None = None
) -> tuple[int, str, str]:
    got = client.get(path) if data is None else post(client, path, data)
    text = got.text.replace(str(person.username), "")
    return got.status_code, got.headers.get("Location", ""), VOLATILE.sub("", text)


def test_staff_pages_of_oneself_tell_nothing_either(clean: Flask, land: Land) -> None:
    admins = make_admin(land.unit, "张三"), make_admin(land.other_unit, "张三")
    third = make_person(land.other_province, "李四")
    add_qualification(land.unit, admins[0].person_id, third.person_id)
    add_qualification(land.other_unit, admins[1].person_id)
    give_number(third.person_id, KNOWN)
    units = land.unit.name, land.other_unit.name
    for path in ("/me/id-number", "/staff/people/{}", "/staff/people/{}/id-number", "/staff/id-numbers"):
        got = []
        for admin, unit, number in zip(admins, units, (FRESH, KNOWN), strict=True):
            data = GIVEN | {"id_number": number} if path == "/me/id-number" else None
            status, location, text = answer(signed_in(clean, admin), admin, path.format(admin.person_id), data)
            got.append((status, location, text.replace(unit, "")))
        assert got[0] == got[1], path
    own_page = signed_in(clean, admins[0]).get(f"/staff/people/{admins[0].person_id}").text
    assert f"{admins[0].person_id}/id-number" not in own_page, "no link that leads nowhere"


def test_an_administrator_does_not_learn_whose_number_they_gave_as_their_own(clean: Flask, land: Land) -> None:
    admin, owner = make_admin(land.province), make_person(land.unit, "王小明")
    add_qualification(land.unit, admin.person_id, owner.person_id)
    give_number(admin.person_id, KNOWN)  # kept: its owner gives it later
    with pytest.raises(id_numbers.CannotBeKept):
        give_number(owner.person_id, KNOWN)
    browser = signed_in(clean, admin)
    for path in ("/staff/id-numbers", "/staff/people/twins"):
        assert "王小明" not in browser.get(path).text, path
    other = signed_in(clean, make_admin(land.province, "另一人"))
    assert "王小明" in other.get("/staff/id-numbers").text, "who stands beside it settles it"


HELD = f"Qv#{FRESH[2:16]}mTz!w"
"""A password with most of the digits of either number."""
STEPS: list[tuple[str, dict[str, str] | None]] = [
    ("/me/id-number", None),
    ("/me/data", None),
    ("/me/data/copy", {}),
    ("/me/data/copy", {"with_id_number": "y", "password": HELD}),
    ("/me/data/correction?field=id_number", None),
    ("/me/data/correction?field=id_number", {"value": id_number_of(3), "reason": "输错"}),
    ("/me/data", None),
    ("/learn", None),
    ("/me/password", {"old": HELD, "password": HELD, "repeated": HELD}),
    ("/me/id-number/withdrawal", {}),
    ("/me/data", None),
]


def test_every_own_page_is_the_same(clean: Flask, land: Land) -> None:
    people = both(land)
    clients = [signed_in(clean, one) for one in people]
    numbers = (FRESH, KNOWN)
    first = {"old": PASSWORD, "password": HELD, "repeated": HELD}
    for path, data in [("/me/password", first), ("/me/id-number", {}), *STEPS]:
        got = [
            answer(
                client, person, path, GIVEN | {"id_number": number} if data == {} and path == "/me/id-number" else data
            )
            for client, person, number in zip(clients, people, numbers, strict=True)
        ]
        assert got[0][0] < 500, path
        assert got[0] == got[1], path


def test_nor_does_it_show_when_the_other_one_takes_theirs_back(clean: Flask, land: Land) -> None:
    people, third = both(land), holder()
    clients = [signed_in(clean, one) for one in people]
    for client, number in zip(clients, (FRESH, KNOWN), strict=True):
        post(client, "/me/id-number", GIVEN | {"id_number": number})
    assert id_numbers.withdraw(third, now=clock.now())
    for path in ("/me/id-number", "/me/data", "/learn"):
        fresh, known = (answer(client, person, path) for client, person in zip(clients, people, strict=True))
        assert fresh == known, path
    assert "已收到" in clients[1].get("/me/id-number").text


def test_giving_it_again_and_again_ends_at_the_same_try(clean: Flask, land: Land) -> None:
    people = both(land)
    clients = [signed_in(clean, one) for one in people]
    for _ in range(id_numbers.GIVEN_A_DAY + 2):
        fresh, known = (
            answer(client, person, "/me/id-number", GIVEN | {"id_number": number})
            for client, person, number in zip(clients, people, (FRESH, KNOWN), strict=True)
        )
        assert fresh == known
    assert fresh[0] == 429


def test_an_older_text_of_the_consent_is_refused_alike(clean: Flask, land: Land) -> None:
    people = both(land)
    fresh, known = (
        answer(
            signed_in(clean, person),
            person,
            "/me/id-number",
            {"accepted": "y", "version": "2020.1", "id_number": number},
        )
        for person, number in zip(people, (FRESH, KNOWN), strict=True)
    )
    assert fresh == known and fresh[0] == 409
