"""The application in this process with one exam of all types of items, and real browsers in which people sit and watch it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from sqlalchemy import select

from lms.exams import queries
from lms.exams.models import AttemptRow
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from tests.browser.serving import served
from tests.factories.exams import Hall, make_candidate, make_hall_of_all_types
from tests.kill.browsers import signed_in

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SAVED = r"已保存 \d\d:\d\d:\d\d"


@dataclass
class Recorder:
    """Keeps every byte that the application sends, by the address that it was sent for."""

    app: Any
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head: list[bytes] = []

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            head.append(f"{status} {headers}".encode())
            return start_response(status, headers, *rest)

        answer = self.app(environ, started)
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        self.sent.append((environ["PATH_INFO"], b"".join(head) + body))
        return [body]


@dataclass
class Desk:
    """One person's browser."""

    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)

    def new_page(self) -> Page:
        """A new tab, in front from now on."""
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on(
            "console",
            lambda message: self.faults.append(message.text) if "Content Security Policy" in message.text else None,
        )
        return self.page

    def kill(self) -> None:
        """The tab's process dies: nothing of the page runs any more."""
        try:
            self.page.goto("chrome://crash", timeout=5_000)
        except Error:
            pass
        self.page.close()

    def saved(self) -> None:
        """Waits until the page says that everything is saved."""
        expect(self.page.locator("[data-exam-status]")).to_have_text(re.compile(SAVED), timeout=25_000)

    def stems(self) -> list[str]:
        """The items as they stand on the page, in order."""
        return [text.strip() for text in self.page.locator(".exam-stem").all_text_contents()]

    def violations(self) -> list[Any]:
        """What axe-core objects to, by the rules of WCAG and of best practice: rule and elements; and a page that is too broad."""
        broad = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert broad <= 0, f"{self.page.url} is {broad} pixels broader than its window"
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]


@dataclass
class ExamRoom:
    """A running application with one exam."""

    app: Flask
    port: int
    hall: Hall
    browser: Browser
    recorder: Recorder
    opened: list[Desk] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def candidate(self, name: str = "张三") -> Principal:
        return make_candidate(self.hall, name, now=clock.now())

    def desk(self, person: Principal, *, width: int = 1280, height: int = 800, **options: Any) -> Desk:
        """A new browser in which somebody is signed in."""
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height}, locale="zh-CN", **options
        )
        context.set_default_timeout(20_000)
        name, _, value = signed_in(self.app, self.port, person.person_id).cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        desk = Desk(context, context.new_page())
        desk.page.close()
        desk.new_page()
        self.opened.append(desk)
        return desk

    def sit(self, person: Principal, **options: Any) -> Desk:
        """A new browser on the paper, begun or gone on with."""
        desk = self.desk(person, **options)
        desk.page.goto(f"/exams/{self.hall.exam_id}")
        desk.page.locator(".exam-button").click()
        desk.page.wait_for_url("**/attempts/*")
        return desk

    def attempt_id(self, person: Principal) -> UUID:
        """The person's only attempt."""
        with reading() as session:
            return session.execute(select(AttemptRow.id).where(AttemptRow.person_id == person.person_id)).scalar_one()

    def answers(self, person: Principal) -> dict[int, tuple[str, ...]]:
        """What the database holds as answered, by position; options by their names on the person's page."""
        with reading() as session:
            attempt_id = self.attempt_id(person)
            entries = queries.paper(session, attempt_id).entries
            found = queries.answers(session, attempt_id)
        on_page = {entry.position: entry.on_page for entry in entries}
        return {position: on_page[position](one.value) for position, one in found.items() if one.value}


@pytest.fixture
def exam_room(clean: Flask, browser: Browser) -> Iterator[ExamRoom]:
    """The application behind a real socket."""
    hall = make_hall_of_all_types(now=clock.now())
    recorder = Recorder(clean)
    with served(recorder) as port:
        found = ExamRoom(clean, port, hall, browser, recorder)
        yield found
        for desk in found.opened:
            desk.context.close()
    faults = [fault for desk in found.opened for fault in desk.faults]
    assert not faults, faults
