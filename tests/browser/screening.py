"""The application in this process and a lecture of minutes, watched by real browsers under a lens that speeds all clocks alike."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import select, update

from lms.infra import ffmpeg, mediaprobe
from lms.infra.db import reading, unit_of_work
from lms.infra.storage import storage
from lms.kernel import clock
from lms.learning import service as learning_service
from lms.learning.domain.intervals import Span, length
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import LeaseRow, WatchProgressRow
from lms.video import service as video
from lms.video.models import MediaAssetRow
from tests.browser.lens import Lens
from tests.browser.serving import served
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.kill.browsers import signed_in

FACTOR = 8.0
SECONDS = 240
PATIENCE = 20.0  # real seconds for a beat to arrive on a machine that has much else to do
LEASES = "**/api/v1/leases/**"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A package of four minutes as the platform's encoder makes it, small enough to be played eight times as fast; its length."""
    folder = tmp_path_factory.mktemp("film")
    program, source = ffmpeg.find(), folder / "film.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=5:d={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=d={SECONDS}", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    command = [program, "-nostdin", "-v", "error", "-y", *picture, *sound, source]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    probe = mediaprobe.probe(source, limits=mediaprobe.ProbeLimits())
    package = ffmpeg.encode_hls(source, folder / "package", program=program, probe=probe)
    return folder / "package", package.duration_ms


@dataclass
class Viewer:
    """One person's browser on the lecture's page; `played` follows what the media element really showed."""

    context: BrowserContext
    page: Page
    lens: Lens
    url: str
    faults: list[str] = field(default_factory=list)

    def open(self) -> "Viewer":
        self.page.goto(self.url)
        return self

    def play(self) -> None:
        """Presses the big button, or the small one once it has begun."""
        big = self.page.locator(".vjs-big-play-button")
        (big if big.is_visible() else self.page.locator(".vjs-play-control")).click()

    def pause(self) -> None:
        """Presses the small button, which hides while nobody moves."""
        self.page.locator(".player-box").hover()
        self.page.locator(".vjs-play-control").click()
        self.page.wait_for_function("document.querySelector('video').paused")

    def settled(self) -> float:
        """Pauses, lets the beat arrive, and tells where the video stands, in seconds."""
        self.pause()
        self.wait(6)
        return self.at()

    def at(self) -> float:
        """The media element's place, in seconds."""
        return float(self.page.evaluate("document.querySelector('video').currentTime"))

    def until(self, seconds: float, *, real_seconds: float = 60) -> None:
        """Waits until the video has come so far."""
        self.page.wait_for_function(
            "least => document.querySelector('video')?.currentTime >= least", arg=seconds, timeout=real_seconds * 1000
        )

    def places(self) -> list[float]:
        """Where the video was moved to, in seconds."""
        return list(self.page.evaluate("window.lensPlaces"))

    def drag(self, seconds: float) -> None:
        """Moves the player's own slider, as a script would."""
        self.page.evaluate("to => { document.querySelector('video').currentTime = to; }", seconds)

    def saved(self) -> str:
        return self.page.locator("[data-watch-saved]").inner_text()

    def cut_off(self, how: Callable[[Route], None] = lambda route: route.abort()) -> None:
        """No lease's request arrives any more."""
        self.context.route(LEASES, how)

    def back_online(self) -> None:
        self.context.unroute(LEASES)
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def wait(self, seconds: float) -> None:
        self.lens.wait(self.page, seconds)


@dataclass
class Screening:
    """A running application with one course of one lecture."""

    app: Flask
    port: int
    lens: Lens
    school: School
    course: Course
    browser: Browser
    opened: list[Viewer] = field(default_factory=list)

    def person(self, name: str = "学员") -> UUID:
        return learning.add_person(self.school.unit_id, name, now=clock.now())

    def visit(self, person_id: UUID, *, width: int = 1280, script: str = "") -> Viewer:
        """A new browser, signed in, on the lecture's page; `script` makes it another kind of browser."""
        url = f"http://127.0.0.1:{self.port}"
        context = self.browser.new_context(base_url=url, viewport={"width": width, "height": 844}, locale="zh-CN")
        context.set_default_timeout(20_000)
        self.lens.put_on(context)
        if script:
            context.add_init_script(script)
        name, _, value = signed_in(self.app, self.port, person_id).cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": url}])
        viewer = Viewer(context, context.new_page(), self.lens, f"{url}/lectures/{self.course.lecture_ids[0]}")
        viewer.page.on("pageerror", lambda error: viewer.faults.append(f"script: {error}"))
        self.opened.append(viewer)
        return viewer.open()

    def policy(self, **asked: Any) -> None:
        """The course's first decided policy."""
        learning_service.set_policy(
            self.course.id,
            WatchPolicy(**asked),
            seen_version=0,
            reason="试映",
            actor_id=self.school.national_reviewer_id,
            now=clock.now(),
        )

    def watched(self, person_id: UUID) -> tuple[Span, ...]:
        """What the database holds as watched."""
        with reading() as session:
            found = session.execute(
                select(WatchProgressRow.watched).where(WatchProgressRow.person_id == person_id)
            ).scalar()
        return tuple((start, end) for start, end in found or ())

    def credited(self, person_id: UUID) -> float:
        """Watched seconds in the database."""
        return length(self.watched(person_id)) / 1000

    def credits(self, viewer: Viewer, person_id: UUID, *, least: float, most: float) -> None:
        """Fails unless `least` to `most` seconds are in the database once the page's last beats have had time to arrive."""
        deadline = time.monotonic() + PATIENCE
        while self.credited(person_id) < least and time.monotonic() < deadline:
            viewer.wait(1)
        assert least <= self.credited(person_id) <= most

    def leases(self, person_id: UUID) -> list[tuple[str, float]]:
        """States of the person's leases with what each was paid in seconds, the oldest first."""
        with reading() as session:
            rows = session.execute(
                select(LeaseRow.state, LeaseRow.credited_ms)
                .where(LeaseRow.person_id == person_id)
                .order_by(LeaseRow.opened_at)
            )
            return [(state, ms / 1000) for state, ms in rows]


@pytest.fixture
def screening(
    clean: Flask, film: tuple[Path, int], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Screening]:
    """The application behind a real socket, its clock under the lens."""
    lens = Lens(FACTOR)
    monkeypatch.setattr(clock, "now", lens.now)
    package, duration_ms = film
    school = learning.add_school(now=clock.now())
    course = learning.add_course(school, duration_ms=duration_ms, now=clock.now())
    put_package(course.asset_ids[0], package)
    with served(clean) as port:
        found = Screening(clean, port, lens, school, course, browser)
        yield found
        for viewer in found.opened:
            viewer.context.unroute_all(behavior="ignoreErrors")  # a beat under way would fail the next test
            viewer.context.close()
    faults = [fault for viewer in found.opened for fault in viewer.faults]
    assert not faults, faults


def put_package(asset_id: UUID, package: Path) -> None:
    """Gives an asset of the factories a package that plays."""
    with storage().scratch() as folder:
        copy = folder / "package"
        subprocess.run(["cp", "-r", package, copy], check=True)
        storage().put_tree(video.package_key(asset_id), copy)
    with unit_of_work() as session:
        session.execute(update(MediaAssetRow).where(MediaAssetRow.id == asset_id).values(segment_count=SECONDS // 6))
