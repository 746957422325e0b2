"""A stranger's searches for a unit are counted whichever button sends them, and so are those of a correction."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms import settings as settings_module
from lms.infra import ratelimit
from lms.settings import Settings
from tests.factories.accounts import token_on
from tests.factories.people import make_land, make_person, post, signed_in


@pytest.fixture
def one_search(clean: Flask, settings: Settings) -> Iterator[None]:
    """A platform that lets an address search once a minute."""
    ratelimit.forget()
    settings_module.use(dataclasses.replace(settings, unit_searches_per_minute=1))
    yield
    settings_module.use(settings)
    ratelimit.forget()


@pytest.mark.parametrize("field", ["unit_query", "parent_query"])
@pytest.mark.parametrize("button", [{}, {"find": "unit"}], ids=["sent", "find"])
@pytest.mark.usefixtures("one_search")
def test_registering_searches_no_more_than_the_limit(client: FlaskClient, field: str, button: dict[str, str]) -> None:
    page = {"csrf_token": token_on(client, "/register"), **button}
    codes = [client.post("/register", data={**page, field: "总工会"}).status_code for _ in range(3)]
    assert 429 in codes[1:] and codes[-1] == 429
    assert client.get("/register").status_code == 200
    assert client.post("/register", data=page).status_code != 429, "without a text nothing is looked for"


@pytest.mark.usefixtures("one_search")
def test_a_correction_searches_no_more_than_the_limit(clean: Flask) -> None:
    browser = signed_in(clean, make_person(make_land().unit))
    sent = {"find": "value", "unit_query": "长沙"}
    codes = [post(browser, "/me/data/correction?field=unit", sent).status_code for _ in range(2)]
    assert codes == [200, 429]
