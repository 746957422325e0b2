"""People choose the language, and are never led to another site by it."""

import pytest
from flask.testing import FlaskClient

from lms.web import locale
from tests.factories.accounts import token_on

OUTSIDE = [
    "//evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "///evil.example",
    "//user@evil.example/",
    "",
]


def choose(client: FlaskClient, chosen: str, target: str | None = None):  # type: ignore[no-untyped-def]
    form = {"csrf_token": token_on(client, "/sign-in"), "locale": chosen}
    return client.post("/language", data=form if target is None else form | {"next": target})


def test_the_choice_holds_for_the_next_pages(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/").text
    answer = choose(client, "en", "/courses?page=1")
    assert (answer.status_code, answer.location) == (303, "/courses?page=1")
    assert '<html lang="en">' in client.get("/courses").text
    choose(client, "zh")
    assert '<html lang="zh-CN">' in client.get("/").text


@pytest.mark.parametrize("chosen", ["fr", "", "../../etc", "zh_Hans_CN", "en\r\nX: y"])
def test_an_unknown_language_changes_nothing(client: FlaskClient, chosen: str) -> None:
    answer = choose(client, chosen)
    assert answer.status_code == 303
    assert client.get_cookie(locale.COOKIE) is None
    assert '<html lang="zh-CN">' in client.get("/").text


def test_a_made_up_cookie_gives_chinese(client: FlaskClient) -> None:
    client.set_cookie(locale.COOKIE, "xx")
    assert '<html lang="zh-CN">' in client.get("/").text


def test_the_browsers_wish_does_not_change_the_language(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("target", OUTSIDE, ids=repr)
def test_the_way_back_never_leaves_the_site(client: FlaskClient, target: str) -> None:
    answer = choose(client, "en", target)
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("target", ["/courses", "/courses?page=2", "/verify", "/%E4%B8%AD", "/a//b", "/a:b"])
def test_the_way_back_may_be_any_page_of_the_site(client: FlaskClient, target: str) -> None:
    assert choose(client, "en", target).location == target
