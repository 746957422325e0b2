"""The page of my messages, and the bell above every page."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.notices import service
from lms.notices.domain.messages import Message
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.web.conftest import Statements

HELLO = Message("test.hello", "问候", "您好，%(name)s。", {"name": "<b>张三</b>"}, link="/me/hours")


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person(land: Land) -> Principal:
    return make_person(land.unit)


@pytest.fixture
def visitor(clean: Flask, person: Principal) -> FlaskClient:
    return signed_in(clean, person)


def tell(person: Principal, times: int = 1) -> None:
    for number in range(times):
        service.send({person.person_id: HELLO}, now=clock.now() - timedelta(minutes=times - number))


def test_a_message_is_shown_and_what_it_says_is_text(visitor: FlaskClient, person: Principal) -> None:
    tell(person)
    page = visitor.get("/me/notices").text
    assert "您好，&lt;b&gt;张三&lt;/b&gt;。" in page


def test_the_bell_counts_what_is_unread(visitor: FlaskClient, person: Principal) -> None:
    assert "条未读" not in visitor.get("/").text
    tell(person, 2)
    assert "2 条未读" in visitor.get("/").text


def test_the_bell_costs_no_statement(visitor: FlaskClient, person: Principal, statements: Statements) -> None:
    visitor.get("/courses")
    with statements() as before:
        visitor.get("/courses")
    tell(person, 30)
    with statements() as after:
        assert "30 条未读" in visitor.get("/courses").text
    assert len(after) == len(before)


def test_opening_leads_on_and_the_bell_falls_silent(visitor: FlaskClient, person: Principal) -> None:
    tell(person)
    page = visitor.get("/me/notices").text
    address = page.split('action="/me/notices/')[1].split('"')[0]
    if address == "read":
        address = page.split('action="/me/notices/')[2].split('"')[0]
    answer = post(visitor, f"/me/notices/{address}")
    assert (answer.status_code, answer.location) == (303, "/me/hours")
    assert "条未读" not in visitor.get("/").text


def test_all_can_be_marked_at_once(visitor: FlaskClient, person: Principal) -> None:
    tell(person, 3)
    until = visitor.get("/me/notices").text.split('name="until" value="')[1].split('"')[0]
    assert post(visitor, "/me/notices/read", {"until": until}).status_code == 303
    assert "条未读" not in visitor.get("/").text


def test_older_messages_are_on_the_next_page(visitor: FlaskClient, person: Principal) -> None:
    tell(person, 25)
    page = visitor.get("/me/notices").text
    assert page.count("notice-words") == 20
    older = page.split('rel="next" href="')[1].split('"')[0]
    assert visitor.get(older).text.count("notice-words") == 5


def test_the_page_needs_the_same_statements_for_any_number(
    visitor: FlaskClient, person: Principal, statements: Statements
) -> None:
    tell(person)
    visitor.get("/me/notices")
    with statements() as few:
        visitor.get("/me/notices")
    tell(person, 40)
    with statements() as many:
        visitor.get("/me/notices")
    counts = [len([text for text in seen if text.startswith("SELECT")]) for seen in (few, many)]
    assert counts == [2, 2], "who it is, and the messages"


@pytest.mark.parametrize("after", ["x", "00000000"])
def test_an_address_that_names_no_message_is_not_found(visitor: FlaskClient, after: str) -> None:
    assert visitor.get(f"/me/notices?after={after}").status_code == 404
    assert post(visitor, "/me/notices/read", {"until": after}).status_code == 404
