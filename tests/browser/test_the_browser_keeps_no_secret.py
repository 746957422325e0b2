"""T14 in a real Chromium: what people type or are shown stays in no storage of their browser."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from lms.access.domain import roles
from lms.accounts import queries as accounts
from lms.infra.db import reading
from tests.browser.serving import served
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.factories.qualification import add_qualification, id_number_of

PASSWORD, NEW = "Qingtian-2026-lanhua", "Baiyun-2026-xiangcao"
MOBILE, MAIL, NUMBER = "13977665544", "jinsique@example.org", id_number_of(700)
STORED = """async () => {
    const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie];
    for (const {name, version} of await indexedDB.databases()) {
        const base = await new Promise((done, fail) => {
            const asked = indexedDB.open(name, version);
            asked.onsuccess = () => done(asked.result);
            asked.onerror = () => fail(asked.error);
        });
        for (const store of base.objectStoreNames) {
            const rows = base.transaction(store).objectStore(store);
            for (const read of [rows.getAllKeys(), rows.getAll()])
                found.push(JSON.stringify(await new Promise((done) => { read.onsuccess = () => done(read.result); })));
        }
        base.close();
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
            found.push(request.url, await (await cache.match(request)).text());
    }
    return found.join("\\n");
}"""
"""Everything that scripts of a page could read again: local and session storage, cookies, IndexedDB, caches."""


@pytest.fixture
def address(clean: Flask) -> Iterator[str]:
    """Where the tests' application answers browsers."""
    with served(clean) as port:
        yield f"http://127.0.0.1:{port}"


def register(page: Page, address: str, land: Land) -> None:
    page.goto(f"{address}/register?unit_id={land.unit.id}")
    token = page.locator("form input[name=csrf_token]").first.get_attribute("value")
    fields = {
        "csrf_token": token, "name": "王大树", "sex": "male", "unit_id": str(land.unit.id), "post": "工会主席",
        "category": "enterprise", "employment": "part_time", "appointed_on": "2020-09-01", "mobile": MOBILE,
        "mail": MAIL, "username": "wangds", "password": PASSWORD, "repeated": PASSWORD, "accepted": "y",
    }  # fmt: skip
    version = page.locator("form input[name=version]").first.get_attribute("value")
    answer = page.request.post(f"{address}/register", form={**fields, "version": version or ""})
    assert answer.ok


def test_no_storage_of_the_browser_holds_what_was_typed_or_shown(clean: Flask, address: str, browser: Browser) -> None:
    land = make_land()
    admin = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province})
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(60_000)
    page = context.new_page()
    register(page, address, land)
    with reading() as session:
        known = accounts.credentials(session, "wangds")
    assert known
    add_qualification(land.unit, known.person_id)
    page.goto(f"{address}/me/id-number")
    page.locator("input[name=id_number]").fill(NUMBER)
    page.locator("input[name=accepted]").check()
    page.locator("main form").first.locator("button[type=submit]").first.click()
    held = [stored(page)]
    for path in ("/", "/me/data", "/me/sessions", "/courses", "/me/hours"):
        page.goto(address + path)
    held.append(stored(page))
    context.clear_cookies()
    slip = post(signed_in(clean, admin), f"/staff/people/{known.person_id}/sign-in-code").text
    found = re.search(r'slip-code">([0-9A-Z-]{14})<', slip)
    assert found
    page.goto(f"{address}/sign-in/code")
    page.locator("input[name=username]").fill("wangds")
    page.locator("input[name=one_time]").fill(found[1])
    page.locator("main form button[type=submit]").first.click()
    for name in ("password", "repeated"):
        page.locator(f"main input[name={name}]").fill(NEW)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/$"))
    held.append(stored(page))
    cookie = next(one["value"] for one in context.cookies() if one["name"] == "session")
    secrets = [PASSWORD, NEW, MOBILE, MAIL, NUMBER, found[1], found[1].replace("-", ""), cookie, str(known.person_id)]
    assert [one for one in secrets if any(one in text for text in held)] == []
    for leak in (
        "text => localStorage.setItem('left', text)",
        "text => sessionStorage.setItem('left', text)",
        "async text => (await caches.open('left')).put('/left', new Response(text))",
    ):
        page.evaluate(leak, NUMBER)
        assert NUMBER in stored(page), leak
        page.evaluate("async () => { localStorage.clear(); sessionStorage.clear(); await caches.delete('left'); }")
    context.close()


def stored(page: Page) -> str:
    """What the browser keeps for the platform."""
    text: str = page.evaluate(STORED)
    return text


def test_a_number_pasted_into_a_search_is_never_sent(clean: Flask, address: str, browser: Browser) -> None:
    land = make_land()
    client = signed_in(clean, make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province}))
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 800})
    context.set_default_timeout(60_000)
    cookie = client.get_cookie("session")
    assert cookie
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/staff/units")
    before = page.url
    field = page.locator("#unit-search")
    for number in (NUMBER, f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", MOBILE):
        field.fill(number)
        field.press("Enter")
        assert field.evaluate("(one) => one.validationMessage") == "此项不能填写手机号码或身份证号"
    assert page.url == before and not any("q=" in one for one in asked)
    field.fill(land.unit.name)
    field.press("Enter")
    page.wait_for_url("**/staff/units?q=**")
    assert land.unit.name in page.inner_text("main")
    context.close()
