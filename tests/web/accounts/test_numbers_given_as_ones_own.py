"""Likely pairs, and the record, tell staff nothing of a number that they gave as their own; guesses at others' numbers count."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from lms.access.domain import roles
from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.models import PersonRow
from lms.accounts.service import asking, id_numbers
from lms.infra import crypto, ratelimit
from lms.infra.db import unit_of_work
from lms.kernel import clock
from tests.factories.cadres import make_admin
from tests.factories.people import PASSWORD, Land, make_land, make_person, post, signed_in
from tests.factories.qualification import add_qualification, give_number, id_number_of

KNOWN, FRESH = id_number_of(1), id_number_of(2)
GIVEN = {"accepted": "y", "version": CURRENT[ID_NUMBER]}
MINE, OTHER, THEIRS, WRONG = "13900000001", "13900000002", "13912345678", "13912345679"


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def with_mobile(person_id: UUID, number: str) -> None:
    with unit_of_work() as session:
        session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(mobile_hash=crypto.mac("mobile", number))
        )


@pytest.mark.parametrize("number", [FRESH, KNOWN])
def test_whose_id_number_one_gave_is_not_told_by_the_page_of_pairs(clean: Flask, land: Land, number: str) -> None:
    admin, third = make_admin(land.province, "管理员甲"), make_person(land.unit, "李四")
    with_mobile(admin.person_id, MINE)
    add_qualification(land.unit, admin.person_id, third.person_id)
    give_number(third.person_id, KNOWN)
    office = signed_in(clean, admin)
    assert post(office, "/me/id-number", GIVEN | {"id_number": number}).status_code == 303
    assert "李四" not in office.get("/staff/people/twins").text


def guessed(clean: Flask, land: Land, *, whose: str) -> list[tuple[int, bool]]:
    """What is answered to two guesses at the number of 李四, and whether the page of pairs names them."""
    admin, puppet = make_admin(land.province, "管理员甲"), make_person(land.unit, "赵六")
    third = make_person(land.unit, "李四")
    for person, number in ((admin, MINE), (third, THEIRS), (puppet, OTHER)):
        with_mobile(person.person_id, number)
    office, told = signed_in(clean, admin), []
    for guess in (WRONG, THEIRS):
        facts = {"mobile": guess, "post": "干部", "category": "other", "employment": "full_time"}
        facts |= {"appointed_on": "2020-03-01"}
        if whose == "own":
            answer = post(office, "/me/data/contact", facts | {"password": PASSWORD})
        else:
            answer = post(office, f"/staff/people/{puppet.person_id}/edit", facts | {"name": "赵六", "sex": "female"})
        told.append((answer.status_code, "李四" in office.get("/staff/people/twins").text))
    return told


def test_who_gives_anothers_number_as_their_own_is_told_nothing(clean: Flask, land: Land) -> None:
    assert guessed(clean, land, whose="own") == [(303, False)] * 2


def test_guesses_at_the_number_of_a_third_person_are_counted(
    clean: Flask, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.MOBILE, 1)
    assert guessed(clean, land, whose="another's") == [(303, False), (429, False)]


@pytest.mark.parametrize("role", [roles.SECURITY_ADMIN, roles.AUDIT_ADMIN])
def test_nor_do_pages_of_oversight_tell_it_of_oneself(clean: Flask, land: Land, role: str) -> None:
    third = make_person(land.unit, "李四")
    give_number(third.person_id, KNOWN)
    got = []
    for number in (FRESH, KNOWN):
        admin = make_person(land.national, "管理员", grants={role: land.national})
        add_qualification(land.unit, admin.person_id)
        office = signed_in(clean, admin)
        assert post(office, "/me/id-number", GIVEN | {"id_number": number}).status_code == 303
        if role == roles.SECURITY_ADMIN:
            day = clock.now() + timedelta(days=2)
            span = {"since": "2026-11-01T00:00", "until": day.strftime("%Y-%m-%dT%H:%M")}
            text = post(office, "/staff/incidents", {"username": admin.username, **span}).text
        else:
            text = office.get(f"/staff/audit?actor={admin.person_id}").text
        assert "person.id_number" in text
        got.append("person.id_number.clash" in text)
    assert got[0] == got[1]


@pytest.mark.parametrize("before", [[], [11, 12, 13, 14, 15]], ids=["ONES_OWN_ALONE", "AFTER_OTHERS"])
def test_guesses_at_ones_own_number_are_counted_and_then_answered_alike(
    clean: Flask, land: Land, before: list[int]
) -> None:
    """Whoever sits at somebody's open page would find out their number."""
    me = make_person(land.unit, "王强")
    give_number(me.person_id, KNOWN)
    with unit_of_work() as session:
        id_numbers.confirm_level(session, me.person_id, actor_id=me.person_id, now=clock.now())
    ratelimit.forget()  # giving it was counted too
    page = signed_in(clean, me)

    def guess(number: str) -> tuple[int, bool]:
        answer = post(page, "/me/data/correction?field=id_number", {"value": number, "reason": "写错了"})
        return answer.status_code, "与现在登记的内容相同" in answer.text

    for number in before:
        guess(id_number_of(number))
    told = [guess(KNOWN) for _ in range(id_numbers.GIVEN_A_DAY)]
    assert told == ([(429, False)] if before else [(422, True)]) * id_numbers.GIVEN_A_DAY
    assert [guess(number) for number in (KNOWN, FRESH)] == [(429, False)] * 2
