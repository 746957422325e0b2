"""kill -9 of `lms demo` in mid-encode, and of all its processes at once: its children end, and the next start goes on."""

import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from lms.settings import Settings
from tests.kill.browsers import Browser
from tests.kill.processes import PATIENCE, Process, free_port, mentioning, wait_for

QUICK_COURSES = 1
ALL_COURSES = 8
HARD_KILLS = 6


@pytest.fixture
def address(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A database for a demo alone: its own file, or one more on the server of this run."""
    if settings.database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'demo.sqlite3'}"
        return
    name = f"lms_test_{secrets.token_hex(6)}"
    url = make_url(settings.database_url)
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


class Demo:
    """One home, started again and again on the same port."""

    def __init__(self, home: Path, address: str, log: Path) -> None:
        self.home = home
        self.port = free_port()
        self.starts = 0
        self._log = log.open("ab")
        self._engine: Engine = create_engine(address)
        self._address = address
        self._process: Process | None = None

    def start(self, *options: str) -> None:
        """Starts it and waits until the first page could be asked for."""
        self.starts += 1
        arguments = ["demo", "--fast", "--home", str(self.home), "--port", str(self.port), *options]
        env = {**os.environ, "LMS_DATABASE_URL": self._address, "LMS_JOB_LEASE_SECONDS": "3"}
        self._process = Process([sys.executable, "-m", "lms", *arguments], env, self._log)
        # the first start builds the database and everybody in it: 16 s on two quiet cores, several times that beside other suites
        wait_for(f"start {self.starts} serves", self._answers, seconds=3 * PATIENCE, pause=0.1)

    def kill_supervisor(self) -> set[int]:
        """kill -9 of `lms demo` alone. Returns the processes that it had."""
        assert self._process
        return self._process.kill()

    def kill_all(self) -> None:
        """kill -9 of supervisor, web and worker in one moment."""
        for pid in mentioning(self.home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.kill_supervisor()

    def has_ended(self, *, seconds: float = 20) -> None:
        """All its processes end by themselves in that time."""
        deadline = time.monotonic() + seconds
        while left := mentioning(self.home):
            assert time.monotonic() < deadline, f"after {seconds:.0f} s still running: {left}"
            time.sleep(0.05)

    def stop(self) -> int | None:
        """Ctrl-C. Returns the exit code."""
        assert self._process
        self._process.stop()
        return self._process.returncode

    def end(self) -> None:
        """Nothing of it lives on."""
        if self._process:
            self._process.end()
        self.kill_all()
        self._engine.dispose()
        self._log.close()

    def rows(self, statement: str) -> list[Any]:
        """Rows of plain SQL."""
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def count(self, statement: str) -> int:
        """What a SELECT count(*) says."""
        return int(self.rows(statement)[0][0])

    def sign_in(self) -> Browser:
        """A browser in which the demo's learner is signed in by name and password."""
        accounts = json.loads((self.home / "demo-accounts.json").read_text())
        learner = next(one for one in accounts if one["role"] == "learner")
        browser = Browser(self.port)
        body = {"username": learner["username"], "password": learner["password"]}
        answer = browser.send("POST", "/api/v1/session", body)
        assert answer.status == 200, answer.content
        browser.cookie = answer.cookie
        return browser

    def _answers(self) -> bool:
        assert self._process and not self._process.ended(), "lms demo ended by itself"
        with closing(Browser(self.port)) as browser:
            answer = browser.send_once("GET", "/healthz")
        return answer is not None and answer.status == 200


@pytest.fixture
def demo(tmp_path: Path, address: str) -> Iterator[Demo]:
    log = tmp_path / "log"
    demo = Demo(tmp_path / "home", address, log)
    try:
        yield demo
    finally:
        demo.end()
        print(log.read_text(errors="replace")[-6000:])


ENCODING = "SELECT count(*) FROM media_asset WHERE state = 'encoding'"
MINE = "/api/v1/me/hours"
PLAYABLE = "SELECT count(*) FROM lecture WHERE live_revision_id IS NOT NULL"


@pytest.fixture
def learner(demo: Demo) -> Iterator[Browser]:
    """The learner, signed in before anything is killed."""
    demo.start()
    with closing(demo.sign_in()) as browser:
        yield browser


def test_a_killed_demo_takes_its_children_along_and_the_next_start_goes_on(demo: Demo, learner: Browser) -> None:
    accounts = (demo.home / "demo-accounts.json").read_bytes()
    wait_for("a lecture is being encoded", lambda: demo.count(ENCODING) > 0, pause=0.05)
    children = demo.kill_supervisor()
    assert len(children) >= 4, "master, two web workers and a worker at least"
    scratch = names_in(demo.home / "storage" / ".scratch")
    demo.start()  # at once, while the children may still be ending
    wait_for("all children have ended", lambda: not children & mentioning(demo.home).keys(), seconds=20)
    assert learner.send("GET", MINE).status == 200, "who was signed in still is"
    assert (demo.home / "demo-accounts.json").read_bytes() == accounts, "the passwords are those that were shown"
    wait_for("a lecture is being encoded again", lambda: demo.count(ENCODING) > 0, pause=0.05)
    demo.kill_all()
    demo.has_ended()
    courses = set(demo.rows("SELECT id FROM course"))
    demo.start()
    assert learner.send("GET", MINE).status == 200
    assert courses <= set(demo.rows("SELECT id FROM course")), "what was there is there"
    wait_for(
        f"courses are playable: {QUICK_COURSES}", lambda: demo.count(PLAYABLE) >= QUICK_COURSES, seconds=2 * PATIENCE
    )
    wait_for("scratch of killed processes is cleared", lambda: not scratch & names_in(demo.home / "storage/.scratch"))
    assert demo.stop() == 0
    assert not mentioning(demo.home), f"left running: {mentioning(demo.home)}"
    nothing_is_there_twice(demo)
    print(f"demo: {demo.starts} starts, {demo.count(PLAYABLE)} courses playable, children killed along {len(children)}")


@pytest.mark.hard
def test_a_demo_that_is_killed_all_along_its_set_up_ends_complete(demo: Demo) -> None:
    for kill in range(HARD_KILLS):
        demo.start("--learners", "3")
        done = kill * ALL_COURSES // HARD_KILLS
        wait_for(f"courses playable: {done}", lambda done=done: demo.count(PLAYABLE) >= done, seconds=2 * PATIENCE)
        wait_for("an encode", lambda: demo.count(ENCODING) or demo.count(PLAYABLE) == ALL_COURSES)
        demo.kill_all() if kill % 2 else demo.kill_supervisor()
        demo.has_ended()
    demo.start("--learners", "3")
    wait_for("the set-up is complete", (demo.home / "demo.json").is_file, seconds=3 * PATIENCE, pause=0.2)
    assert demo.stop() == 0
    nothing_is_there_twice(demo)
    result = json.loads((demo.home / "demo.json").read_text())
    assert len(result["courses"]) == demo.count("SELECT count(*) FROM course") == ALL_COURSES
    assert demo.count("SELECT count(*) FROM media_asset") == ALL_COURSES
    for table in ("training_class", "exam"):
        assert demo.count(f"SELECT count(*) FROM {table}") == 1
    assert demo.count("SELECT count(*) FROM course_completion") == 3 * ALL_COURSES
    assert demo.count("SELECT count(*) FROM credit_entry") == 3 * ALL_COURSES


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def nothing_is_there_twice(demo: Demo) -> None:
    """One course a bank, one lecture a course, one asset a lecture, none of them without the others, one unit tree."""
    single: Callable[[str], bool] = lambda statement: set(Counter(demo.rows(statement)).values()) <= {1}  # noqa: E731
    assert single("SELECT bank_code FROM course"), "a course was handed in twice"
    assert single("SELECT course_id FROM lecture")
    assert single("SELECT practice_bank_code FROM course")
    assert single("SELECT bank_code, ref FROM item_version"), "items for exam or practice are there twice"
    assert single("SELECT asset_id FROM lecture_version")
    assert sorted(demo.rows("SELECT id FROM course")) == sorted(demo.rows("SELECT course_id FROM lecture"))
    assert sorted(demo.rows("SELECT id FROM media_asset")) == sorted(demo.rows("SELECT asset_id FROM lecture_version"))
    assert demo.count("SELECT count(*) FROM unit WHERE kind = 'national'") == 1
    assert single("SELECT username FROM account")
    for (asset_id,) in demo.rows("SELECT id FROM media_asset WHERE state = 'ready'"):
        folder = next(
            path for path in (demo.home / "storage/media").iterdir() if path.name.replace("-", "") in plain(asset_id)
        )
        assert {"master.m3u8", "poster.jpg"} < names_in(folder)


def plain(value: object) -> str:
    """An id in either database, without hyphens."""
    return str(value).replace("-", "")
