"""Honest people who watch: a page that plays, reports, keeps what it could not send, and what may happen to it meanwhile.

The page does what frontend/src/player does: a beat every 15 seconds and at each pause, all that is not acknowledged in each of
them, an old queue before a new lease, an answer to each question within its window.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from lms.accounts.models import AuthSessionRow
from lms.infra.db import unit_of_work
from lms.learning.domain.presence import Terms
from tests.factories.learning import Course
from tests.factories.watch_attacks.world import MINUTE, Place, Visitor, as_json
from tests.factories.watch_record import merged, total

Span = tuple[int, int]
Scenario = Callable[["Page"], None]
FOR_GOOD = {"malformed_span", "outside_duration", "too_many_spans", "lease_over"}
ASKS = Terms(True, 2, 4, 60)
LASTS = 8 * MINUTE


def without(spans: list[Span], taken: list[Span]) -> list[Span]:
    """What is left of spans."""
    left: list[Span] = []
    for start, end in merged(spans):
        for a, b in taken:
            if a < end and b > start:
                if a > start:
                    left.append((start, a))
                start = max(start, b)
        if start < end:
            left.append((start, end))
    return left


@dataclass
class Queue:
    """What a lease has played and nobody has acknowledged; lies in the browser's store."""

    lease_id: str
    pending: list[Span] = field(default_factory=list)
    seq: int = 0


@dataclass
class Page:
    """A lecture page in one browser. `store` outlives the page; `drift` is how much faster its clocks run than the server's."""

    place: Place
    who: Visitor
    course: Course
    played: list[Span] = field(default_factory=list)
    store: list[Queue] = field(default_factory=list)
    drift: float = 0.0
    online: bool = True
    at: float = 0.0
    queue: Queue | None = None
    since: float = 0.0
    told: list[str] = field(default_factory=list)

    def play(self, seconds: float, *, rate: float = 1.0) -> None:
        """Plays so many seconds of the viewer's time, or to the end of the lecture."""
        until = min(self.at + seconds * rate * 1000, LASTS)
        while self.at < until:
            if self.queue is None and self.online:
                self.press_play()
            step = min((15 - self.since), (until - self.at) / 1000 / rate)
            self.place.wait(step / (1 + self.drift))
            start, self.at = round(self.at), min(self.at + step * rate * 1000, LASTS)
            self.since += step
            span = (start, round(self.at))
            self.played.append(span)
            assert self.queue is not None
            self.queue.pending.append(span)
            if self.since >= 15 - 1e-6:
                self.beat()

    def pause(self, seconds: float, *, visible: bool = True) -> None:
        """Stands still; while it is looked at it beats every two minutes, so that its grant lives on."""
        self.beat()
        while seconds > 0:
            step = min(seconds, 120)
            self.place.wait(step)
            seconds -= step
            if visible and self.queue:
                self.beat()

    def jump(self, to_ms: float) -> None:
        """A seek: what was played is reported first."""
        self.beat()
        self.at = to_ms

    def press_play(self) -> None:
        """Sends what earlier leases left, then opens a new one."""
        for old in list(self.store):
            self._send(old)
        self.queue = Queue(self.who.open(self.course))
        self.store.append(self.queue)
        self.since = 0
        if self.who.asked:
            self.answer(self.who.asked)

    def beat(self, *, final: bool = False) -> None:
        """Reports what is not acknowledged; the answer may ask whether somebody is there."""
        self.since = 0
        if not self.online or self.queue is None:
            return
        answer = self._send(self.queue, final=final)
        if answer.get("status") == 410:
            self.told.append(answer["lease_state"])
            self.queue = None
        elif question := answer.get("presence"):
            self.answer(question)

    def answer(self, question: dict[str, Any]) -> None:
        """Presses the button in time; the video stands meanwhile."""
        assert self.queue is not None
        self.place.wait(self.place.rng.uniform(2, 55))
        path = f"/api/v1/leases/{self.queue.lease_id}/presence"
        assert self.who.post(path, {"id": question["id"]}).get_json()["lost_ms"] == 0

    def _send(self, queue: Queue, *, final: bool = False) -> dict[str, Any]:
        queue.seq += 1
        body = {
            "seq": queue.seq,
            "segments": [list(span) for span in merged(queue.pending)[:32]],
            "position_ms": round(self.at),
            "rate": 1,
            "final": final,
        }
        self.place.note_claim(queue.lease_id, queue.pending)
        answer: dict[str, Any] = self.who.send(queue.lease_id, as_json(body)).get_json()
        queue.pending = without(queue.pending, [(a, b) for a, b in answer["watched"]])
        if answer.get("status") == 410 or FOR_GOOD & {trim["reason"] for trim in answer["trimmed"]}:
            queue.pending = []
        if (final or answer.get("status") == 410) and queue in self.store:
            self.store.remove(queue)
        return answer

    def end(self) -> None:
        """Plays to the end and waits, as the page does, until nothing is owed any more."""
        while self.at < LASTS:
            self.play(60)
        self.beat()
        for _ in range(20):
            if not self.queue or not self.queue.pending:
                break
            self.place.wait(2)
            self.beat()

    def elsewhere(self) -> "Page":
        """The same person with another device; what is played there counts as played."""
        return Page(self.place, self.who.another_device(), self.course, self.played)

    @property
    def lost_ms(self) -> int:
        """What was played and is not credited."""
        return total(merged(self.played)) - self.who.paid


def open_page(place: Place) -> Page:
    """A new viewer before a lecture that asks every few minutes who is there."""
    return Page(place, place.visitor("老实人"), place.course("八分钟的课程", duration_ms=LASTS, presence=ASKS))


def pauses(page: Page) -> None:
    for _ in range(5):
        page.play(page.place.rng.uniform(5, 100))
        page.pause(page.place.rng.uniform(3, 900))
    page.end()


def seeking_back(page: Page) -> None:
    for _ in range(6):
        page.play(page.place.rng.uniform(20, 90))
        page.jump(max(0.0, page.at - page.place.rng.uniform(1_000, 60_000)))
    page.end()


def the_speed_that_is_allowed(page: Page) -> None:
    page.play(LASTS / 1000, rate=page.place.rate / 100)
    page.end()


def half_a_minute_without_a_network(page: Page) -> None:
    page.play(page.place.rng.uniform(30, 100))
    page.online = False
    page.play(30)
    page.online = True
    page.beat()
    page.end()


def a_laptop_that_sleeps(page: Page) -> None:
    """The lid is closed in mid-play for an hour: timers stand, and the first beat afterwards hears that the lease expired."""
    page.play(page.place.rng.uniform(30, 200))
    page.place.wait(3_600)
    page.beat()
    assert page.told == ["expired"]
    page.end()


def a_clock_that_is_behind(page: Page) -> None:
    page.who.client.environ_base["HTTP_DATE"] = "Thu, 01 Jan 1998 00:00:00 GMT"
    page.end()


def a_clock_that_is_ahead(page: Page) -> None:
    page.who.client.environ_base["HTTP_DATE"] = "Thu, 01 Jan 2099 00:00:00 GMT"
    page.end()


def a_clock_that_runs_fast(page: Page) -> None:
    """One per cent, a hundred times as much as a bad quartz: the video is over before its time has passed."""
    page.drift = 0.01
    page.end()


def a_clock_that_runs_slow(page: Page) -> None:
    page.drift = -0.01
    page.end()


def another_device(page: Page) -> None:
    """Goes on with the phone; the desk hears of it at its next beat and stays quiet."""
    page.play(page.place.rng.uniform(40, 200))
    phone = page.elsewhere()
    phone.at = page.at
    phone.play(40)
    page.beat()
    assert page.told == ["superseded"]
    phone.end()


def a_sign_in_that_expires(page: Page) -> None:
    """In mid-play: the lease plays on; only the next opening asks who it is."""
    page.play(page.place.rng.uniform(40, 200))
    with unit_of_work() as session:
        gone = page.place.now - timedelta(minutes=1)
        session.execute(update(AuthSessionRow).values(expires_at=gone, opened_at=gone - timedelta(hours=12)))
    assert page.who.get("/api/v1/me/hours").status_code == 401
    page.play(60)
    page.place.wait(1_000)
    page.beat()
    page.end()


def an_idle_hour(page: Page) -> None:
    """Once looked at, once in the background, where nothing beats and the lease expires."""
    page.play(page.place.rng.uniform(20, 100))
    page.pause(3_660)
    page.play(60)
    page.pause(3_660, visible=False)
    page.beat()
    page.end()


HONEST: tuple[Scenario, ...] = (
    pauses,
    seeking_back,
    the_speed_that_is_allowed,
    half_a_minute_without_a_network,
    a_laptop_that_sleeps,
    a_clock_that_is_behind,
    a_clock_that_is_ahead,
    a_clock_that_runs_fast,
    a_clock_that_runs_slow,
    another_device,
    a_sign_in_that_expires,
    an_idle_hour,
)
