"""The whole platform as a newcomer starts it (`lms demo --fast`), and browsers that look at it."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import create_engine, text

from lms.portal.demo import fonts
from tests.browser.examroom import exam_room
from tests.browser.screening import film, screening
from tests.conftest import postgres_server

__all__ = ["exam_room", "film", "screening"]

READY_SECONDS = 240
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>"""


@dataclass
class Demo:
    """A running demo: its address, accounts by role, and ids."""

    home: Path
    facts: dict[str, Any]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return str(self.facts["base_url"])

    @property
    def database(self) -> str:
        settings = msgspec.json.decode((self.home / "demo-settings.json").read_bytes(), type=dict[str, str])
        return settings.get("LMS_DATABASE_URL") or f"sqlite:///{self.home / 'lms.sqlite3'}"

    def account(self, role: str) -> dict[str, Any]:
        return next(account for account in self.facts["accounts"] if account["role"] == role)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo_database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for the embedded SQLite, or a scratch database on PostgreSQL."""
    if request.config.getoption("--database") == "sqlite":
        yield None
        return
    name = f"lms_demo_{secrets.token_hex(6)}"
    server = create_engine(postgres_server() + "postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_server() + name
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_database: str | None) -> Iterator[Demo]:
    """`lms demo --fast`, ended by Ctrl-C."""
    home = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    if demo_database:
        environment["LMS_DATABASE_URL"] = demo_database
    log_path = home.parent / "demo.log"
    command = [sys.executable, "-m", "lms", "demo", "--fast", "--home", str(home), "--port", str(free_port())]
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        result = home / "demo.json"
        until = time.monotonic() + READY_SECONDS
        while not result.is_file():
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the demo is not ready:\n{log_path.read_text(errors='replace')[-4000:]}")
            time.sleep(0.3)
        yield Demo(home, msgspec.json.decode(result.read_bytes()), environment)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert "unexpected error" not in log_path.read_text(errors="replace"), "a page answered 500 during the walk"


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Debian's Chromium, with the platform's own Chinese font: a bare machine has none."""
    conf = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    conf.write_text(FONTS_CONF.format(folder=fonts()[0].parent))
    return {
        "executable_path": os.environ.get("LMS_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--autoplay-policy=no-user-gesture-required",
        ],
        "env": {**os.environ, "FONTCONFIG_FILE": str(conf)},
    }


class Visitor:
    """One browser of one person on a phone-sized or desktop screen; collects what should never happen."""

    def __init__(self, browser: Browser, demo: Demo, width: int) -> None:
        self.demo = demo
        self.context: BrowserContext = browser.new_context(
            base_url=demo.url, viewport={"width": width, "height": 844}, locale="zh-CN", accept_downloads=True
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on(
            "console",
            lambda message: self.faults.append(message.text) if "Content Security Policy" in message.text else None,
        )

    def sign_in(self, account: dict[str, Any]) -> "Visitor":
        self.page.goto("/sign-in")
        self.page.get_by_label("用户名").fill(account["username"])
        self.page.get_by_label("密码").fill(account["password"])
        self.page.locator("main").get_by_role("button", name="登录").click()
        if account["totp_secret"]:
            self.page.get_by_label("动态验证码").fill(pyotp.TOTP(account["totp_secret"]).now())
            self.page.locator("main").get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self

    def csrf(self) -> str:
        return str(self.page.locator("input[name=csrf_token]").first.get_attribute("value"))

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Any]:
    """Opens browsers; each is closed at the end, without script errors or policy violations."""
    opened: list[Visitor] = []

    def open_browser(role: str | None = None, *, width: int = 1440) -> Visitor:
        visitor = Visitor(browser, demo, width)
        opened.append(visitor)
        return visitor.sign_in(demo.account(role)) if role else visitor

    yield open_browser
    for visitor in opened:
        visitor.close()
