"""Where the attacks of T6 take place: a clock that is pushed, courses to steal time from, visitors who say what they like, and a judge.

The judge knows nothing of the engine's rules: he counts milliseconds that went by, milliseconds that were ever claimed, and rows.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.hours.models import CreditEntryRow
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning import service
from lms.learning.domain.presence import Terms
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import LeaseRow
from tests.factories import learning
from tests.factories.haste import no_waiting_for_the_disk
from tests.factories.learning import Course
from tests.factories.people import NOW, make_staff
from tests.factories.watch_record import assert_sound, leases_of, progress_of

Attack = Callable[["Place"], None]

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
RATES = {1: 100, 2: 150, 3: 200}
"""The top rate of all courses, by the seed of the run."""
ASKED = Terms()


@dataclass
class Visitor:
    """A person with a browser who remembers all that they ever claimed, in milliseconds of media time."""

    place: "Place"
    person_id: UUID
    client: FlaskClient
    csrf: str
    began: datetime
    claimed: dict[UUID, list[tuple[int, int]]] = field(default_factory=dict)
    asked: dict[str, Any] | None = None
    """The question that came with the newest lease."""

    def open(self, course: Course, **more: Any) -> str:
        """Presses play: a lease whose playlist was fetched. Signs in again where the sign-in has idled away."""
        answer = self.post("/api/v1/leases", {"lecture_id": str(course.lecture_ids[0]), **more})
        if answer.status_code == 401:
            self.sign_in()
            answer = self.post("/api/v1/leases", {"lecture_id": str(course.lecture_ids[0]), **more})
        assert answer.status_code == 201, answer.text
        opened = answer.get_json()
        assert self.get(opened["playlist_url"]).status_code == 200
        self.asked = opened["presence"]
        lease_id: str = opened["lease_id"]
        self.place.assets[lease_id] = course.asset_ids[0], self
        return lease_id

    def beat(self, lease_id: str, *spans: tuple[int, int], seq: int = 1, **more: Any) -> dict[str, Any]:
        """Claims spans; what the answer says."""
        body = {"seq": seq, "segments": [list(span) for span in spans], "position_ms": 0, **more}
        answer = self.post(f"/api/v1/leases/{lease_id}/beats", body)
        self.place.note_claim(lease_id, spans)
        found: dict[str, Any] = answer.get_json()
        return found

    def post(self, path: str, body: Any, **named: Any) -> TestResponse:
        return self.place.told(self.client.post(path, json=body, headers={"X-CSRFToken": self.csrf}, **named))

    def send(self, lease_id: str, content: bytes | str, **named: Any) -> TestResponse:
        """A beat of any bytes, as JSON unless told else."""
        named.setdefault("content_type", "application/json")
        return self.place.told(self.client.post(f"/api/v1/leases/{lease_id}/beats", data=content, **named))

    def get(self, path: str) -> TestResponse:
        return self.place.told(self.client.get(path, buffered=True))

    def sign_in(self) -> None:
        self.client, self.csrf = learning.browser_of(self.place.app, self.person_id, now=self.place.now)

    def another_device(self) -> "Visitor":
        """The same person somewhere else; what is claimed there counts as claimed here."""
        client, csrf = learning.browser_of(self.place.app, self.person_id, now=self.place.now)
        return Visitor(self.place, self.person_id, client, csrf, self.began, self.claimed)

    @property
    def paid(self) -> int:
        """What all leases of this person were paid, in milliseconds."""
        with reading() as session:
            return sum(
                session.execute(select(LeaseRow.credited_ms).where(LeaseRow.person_id == self.person_id)).scalars()
            )


class Place:
    """All attacks of a run take place here, each by fresh people. `whole` is the number of repetitions that T6 names."""

    def __init__(self, app: Flask, *, seed: int, whole: bool) -> None:
        self.app, self.whole = app, whole
        self.rng = Random(seed)
        self.now = NOW
        self.rate = RATES[seed]
        self.staff = make_staff()
        self.school = learning.add_staff(self.staff.land.unit)
        self.courses = [self.course(f"课程{n}") for n in range(8)]
        self.hall = self.course("三小时的课程", duration_ms=3 * HOUR)
        self.assets: dict[str, tuple[UUID, Visitor]] = {}
        self.visitors: list[Visitor] = []
        self.faults: list[str] = []

    def course(self, title: str, *, duration_ms: int = 10 * MINUTE, presence: Terms = ASKED, **named: Any) -> Course:
        """A course under the run's top rate."""
        made = learning.add_course(self.school, title, duration_ms=duration_ms, **named)
        self.decide(made.id, presence)
        return made

    def decide(self, course_id: UUID, presence: Terms = ASKED) -> None:
        """Puts a course under the run's top rate."""
        policy, by = WatchPolicy(max_rate_percent=self.rate, presence=presence), self.school.national_reviewer_id
        service.set_policy(course_id, policy, seen_version=0, reason="测试", actor_id=by, now=self.now)

    def many(self, number: int) -> int:
        """That many repetitions, or a fiftieth of them in the short form."""
        return number if self.whole else max(8, number // 50)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(milliseconds=round(seconds * 1000))

    def visitor(self, name: str = "张三") -> Visitor:
        """Somebody new, signed in."""
        person_id = learning.add_person(self.school.unit_id, name, now=self.now)
        made = Visitor(self, person_id, *learning.browser_of(self.app, person_id, now=self.now), self.now)
        self.visitors.append(made)
        return made

    def told(self, answer: TestResponse) -> TestResponse:
        """No answer may be a fault of the platform's."""
        if answer.status_code >= 500:
            self.faults.append(
                f"{answer.request.method} {answer.request.path}: {answer.status_code} {answer.text[:300]}"
            )
        return answer

    def note_claim(self, lease_id: str, spans: Iterable[tuple[int, int]]) -> None:
        """Whoever sends it: a claim can only ever count for the one who opened the lease."""
        asset_id, owner = self.assets[lease_id]
        owner.claimed.setdefault(asset_id, []).extend(spans)

    def real_ms(self, one: Visitor) -> int:
        """Real time since this person came, at the top rate."""
        return int((self.now - one.began) / timedelta(milliseconds=1)) * self.rate // 100

    def judge(self) -> None:
        """Credited is at most the real time at the top rate and at most the distinct media; nobody caused a fault."""
        assert not self.faults, self.faults
        while self.visitors:
            self._judge(self.visitors.pop())

    def _judge(self, one: Visitor) -> None:
        paid = assert_sound(one.person_id, one.claimed, now=self.now)
        assert paid <= self.real_ms(one), f"{paid} ms credited in {self.real_ms(one)} ms"
        with reading() as session:
            earned = select(CreditEntryRow.source_id).where(CreditEntryRow.person_id == one.person_id)
            credited = set(session.execute(earned).scalars())
        lasts = {row.asset_id: (row.duration_ms, row.course_id) for row in leases_of(one.person_id)}
        for row in progress_of(one.person_id):
            duration_ms, course_id = lasts[row.asset_id]
            assert row.covered_ms >= 0.9 * duration_ms or course_id not in credited, "hours for what was not watched"


def as_json(body: Any) -> bytes:
    """JSON with what JSON has no words for, as Python writes it: NaN, Infinity."""
    return json.dumps(body).encode()


@contextmanager
def place(app: Flask, *, seed: int, whole: bool) -> Iterator[Place]:
    """A place under its own clock; what is decided there is not about power cuts, so nobody waits for a disk."""
    with pytest.MonkeyPatch.context() as patch, no_waiting_for_the_disk():
        made: list[Place] = []
        patch.setattr(clock, "now", lambda: made[0].now if made else NOW)
        made.append(Place(app, seed=seed, whole=whole))
        yield made[0]
