"""500 people begin, answer and are rung out together on one machine, and each waits little. Promises T2 and E5.

Each request is due at a moment of its own and its time counts from there, whether or not the driver, which shares the
processors with the platform, was ready to send it: who would have waited is never left out. All have signed in beforehand.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from lms.exams.service import papers
from lms.infra import db
from lms.kernel import clock
from tests.factories.exams import KEYS, Hall, by_texts, make_candidate, make_hall, set_bell
from tests.factories.haste import no_waiting_for_the_disk
from tests.kill.browsers import Answer, signed_in
from tests.kill.exam_oracle import rows
from tests.kill.pages import Page
from tests.kill.processes import Machine

PEOPLE = 500
FIRST = 20  # others, who have begun, answered and handed in before: the platform has run for a while
SEED = 20261127
Ask = Callable[[], Awaitable[Answer]]


@dataclass
class Waits:
    """How long each of many requests took from the moment at which it was due, in seconds; `errors` are other answers."""

    name: str
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def share(self, part: float) -> float:
        """The time within which this part of the requests was answered: the 99th of 100 is 0.99."""
        return sorted(self.seconds)[math.ceil(part * len(self.seconds)) - 1]

    def told(self) -> str:
        shares = ", ".join(f"p{round(part * 100)} {self.share(part):.3f} s" for part in (0.5, 0.95, 0.99, 1.0))
        return f"{self.name}: {len(self.seconds)} requests, {shares}, {len(self.errors)} errors"


@dataclass
class Sitting:
    """One person's page and what it knows of its attempt."""

    page: Page
    exam: str
    opened: dict[str, Any] = field(default_factory=dict)

    async def start(self) -> Answer:
        answer = await self.page.send("POST", f"/api/v1/exams/{self.exam}/attempts")
        self.opened = answer.json
        return answer

    async def save(self, seq: int) -> Answer:
        question = self.opened["questions"][seq - 1]
        names = by_texts(question["type"], [(option["key"], option["text"]) for option in question["options"]])
        value = [names[key] for key in KEYS[question["type"]]]
        body = {"epoch": self.opened["epoch"], "client_seq": seq, "value": value}
        return await self.page.send("PUT", f"{self._path()}/answers/{question['position']}", body)

    async def hand_in(self) -> Answer:
        return await self.page.send("POST", f"{self._path()}/submission")

    def _path(self) -> str:
        return f"/api/v1/attempts/{self.opened['attempt_id']}"


async def spread(name: str, asks: Sequence[Ask], *, seconds: float) -> Waits:
    """Asks in an even row over these seconds, however many answers are still awaited."""
    waits, begun = Waits(name), time.monotonic()

    async def one(number: int, ask: Ask) -> None:
        due = begun + seconds * number / len(asks)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        answer = await ask()
        waits.seconds.append(time.monotonic() - due)
        if answer.status not in {200, 201}:
            waits.errors.append(f"{answer.status} {answer.content[:200]!r}")

    await asyncio.gather(*(one(number, ask) for number, ask in enumerate(asks)))
    return waits


def crowd(app: Flask, machine: Machine, hall: Hall, number: int) -> list[Sitting]:
    """People who may sit the exam and have signed in."""
    return [
        Sitting(
            Page(signed_in(app, machine.port, make_candidate(hall, f"考生{n}", now=clock.now()).person_id), Random(n)),
            str(hall.exam_id),
        )
        for n in range(number)
    ]


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall(now=clock.now())


@pytest.fixture
def people(clean: Flask, machine: Machine, hall: Hall) -> list[Sitting]:
    """500 who wait for the exam, on a platform that runs; 20 others have been through it."""
    with no_waiting_for_the_disk():
        everybody = crowd(clean, machine, hall, PEOPLE + FIRST)
    with db.engine().begin() as connection:
        connection.execute(text("ANALYZE"))  # as autovacuum does within a minute
    machine.start_web()
    machine.add_worker()
    asyncio.run(_go_through(everybody[PEOPLE:]))
    return everybody[:PEOPLE]


async def _go_through(first: list[Sitting]) -> None:
    with pages_of(first):
        for ask in (Sitting.start, lambda one: one.save(1), Sitting.hand_in):
            await asyncio.gather(*(ask(one) for one in first))


def draw_all(hall: Hall) -> None:
    """A paper for each, as the worker draws them ahead of an exam."""
    while papers.draw_ahead(hall.exam_id, wanted=PEOPLE, now=clock.now(), rng=Random(SEED)):
        pass


@contextmanager
def pages_of(people: Sequence[Sitting]) -> Iterator[None]:
    """Closes what their pages opened, in the same loop."""
    try:
        yield
    finally:
        for one in people:
            one.page.close()


def nothing_failed(people: Sequence[Sitting], *phases: Waits) -> None:
    """Prints what was measured; nothing may have been refused, or sent twice."""
    for one in phases:
        print(f"{db.dialect()}: {one.told()}, all signed in beforehand")
    repeats = sum(one.page.repeats for one in people)
    assert [error for one in phases for error in one.errors] == []
    assert repeats == 0, f"{repeats} requests had to be sent again"


@pytest.mark.hard
@pytest.mark.alone
def test_e5_five_hundred_starts_in_ten_seconds(people: list[Sitting], hall: Hall) -> None:
    draw_all(hall)

    async def begin() -> Waits:
        with pages_of(people):
            return await spread("starts in 10 s", [one.start for one in people], seconds=10.0)

    starts = asyncio.run(begin())
    nothing_failed(people, starts)
    assert len({one.opened["attempt_id"] for one in people}) == PEOPLE
    assert starts.share(0.95) < 1.0


@pytest.mark.hard
@pytest.mark.alone
def test_t2_five_hundred_start_answer_and_are_rung_out_together(people: list[Sitting], hall: Hall) -> None:
    """Starts within 2 s, one answer of each within 10 s, and at the bell all hand-ins within the half second of a page's clock."""
    rings_at = clock.now() + timedelta(seconds=60)
    set_bell(hall, rings_at=rings_at, now=clock.now())
    draw_all(hall)

    async def until_the_bell(seconds: float) -> None:
        left = (rings_at - clock.now()).total_seconds() - seconds
        await asyncio.sleep(max(0.0, left))  # a phase that took too long is told by its own figures

    async def sit() -> list[Waits]:
        with pages_of(people):
            await until_the_bell(20)
            starts = await spread("starts in 2 s", [one.start for one in people], seconds=2.0)
            await until_the_bell(13)
            saves = await spread("saves in 10 s", [partial(one.save, 1) for one in people], seconds=10.0)
            await until_the_bell(0)
            bell = await spread("hand-ins at the bell", [one.hand_in for one in people], seconds=0.5)
            return [starts, saves, bell]

    starts, saves, bell = asyncio.run(sit())
    nothing_failed(people, starts, saves, bell)
    assert rows("SELECT state, count(*) FROM attempt GROUP BY state") == [("graded", PEOPLE + FIRST)]
    assert starts.share(0.99) <= 3.0
    assert saves.share(0.99) <= 0.5
    assert bell.share(0.99) <= 3.0
