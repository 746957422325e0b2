"""kill -9 of web workers while people watch at real pace: credited time is neither lost nor doubled, a course completes once."""

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from lms.hours.models import CreditEntryRow
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning.domain.intervals import Span, length, subtract, union
from lms.learning.models import CourseCompletionRow, LeaseRow, WatchProgressRow
from tests.factories.learning import Course, add_class, add_course, add_enrolment, add_person, add_school
from tests.kill.browsers import Browser, signed_in
from tests.kill.processes import Machine

SEED = 20261124
LEARNERS = 3
LECTURES = 2
LECTURE_MS = 3_000
BEAT_SECONDS = 0.4
KILL_EVERY = 0.4
EVERYTHING_AT = 5  # the kill that takes master, web workers and worker in one moment


@dataclass
class Viewer:
    """A page that plays at single speed and reports what it played; what was not acknowledged goes into the next beat.

    `acknowledged` is the oracle: for each asset all that an answer said is watched.
    """

    person_id: UUID
    browser: Browser
    acknowledged: dict[UUID, tuple[Span, ...]] = field(default_factory=dict)
    beats: int = 0
    told_complete: bool = False

    def watch(self, course: Course) -> None:
        """Plays all lectures of a course, each to its end."""
        for lecture_id, asset_id in zip(course.lecture_ids, course.asset_ids, strict=True):
            self._play(lecture_id, asset_id, course.duration_ms)
        self.browser.close()

    def _play(self, lecture_id: UUID, asset_id: UUID, duration_ms: int) -> None:
        opened = self.browser.send("POST", "/api/v1/leases", {"lecture_id": str(lecture_id)})
        assert opened.status == 201, opened.content
        self.browser.fetch(opened.json["playlist_url"], opened.cookie)
        path = f"/api/v1/leases/{opened.json['lease_id']}/beats"
        began, seq, complete = time.monotonic(), 0, False
        while not complete:
            time.sleep(BEAT_SECONDS)
            seq += 1
            played = min(int((time.monotonic() - began) * 1000), duration_ms)
            unknown = subtract([(0, played)], self.acknowledged.get(asset_id, ()))
            beat = {"seq": seq, "segments": [list(span) for span in unknown], "position_ms": played}
            complete = self._take(asset_id, self.browser.send("POST", path, beat).json)
            assert time.monotonic() - began < 60, "the lecture never completed"
        final = {"seq": seq + 1, "segments": [], "position_ms": duration_ms, "final": True}
        # A final beat whose answer was lost has ended the lease: its repetition is told so with 410.
        assert self.browser.send("POST", path, final).status in {200, 410}

    def _take(self, asset_id: UUID, answer: Any) -> bool:
        self.beats += 1
        watched = union((start, end) for start, end in answer["watched"])
        before = self.acknowledged.get(asset_id, ())
        assert not subtract(before, watched), f"acknowledged time went away: {before} became {watched}"
        self.acknowledged[asset_id] = watched
        self.told_complete |= answer["course_completed"]
        return bool(answer["completed"])


def kill_while(machine: Machine, watching: Callable[[], bool], draw: random.Random) -> None:
    kills = 0
    while watching():
        time.sleep(KILL_EVERY)
        kills += 1
        if kills == EVERYTHING_AT:
            machine.kill_everything()
            machine.start_web()
            machine.add_worker()
        else:
            machine.kill_web_worker(draw.choice)


def test_watched_time_survives_and_a_course_completes_once(machine: Machine, clean: Flask) -> None:
    now = clock.now()
    school = add_school(now=now)
    course = add_course(school, lectures=LECTURES, duration_ms=LECTURE_MS, now=now)
    class_id = add_class(school, [course], now=now)
    people = [add_person(school.unit_id, f"学员{number}", now=now) for number in range(LEARNERS)]
    for person_id in people:
        add_enrolment(class_id, person_id, now=now)
    viewers = [Viewer(person_id, signed_in(clean, machine.port, person_id)) for person_id in people]
    machine.start_web()
    machine.add_worker()
    with ThreadPoolExecutor(LEARNERS) as pool:
        playing: list[Future[None]] = [pool.submit(viewer.watch, course) for viewer in viewers]
        kill_while(machine, lambda: not all(one.done() for one in playing), random.Random(SEED))
        for one in playing:
            one.result()
    machine.stop()
    for viewer in viewers:
        assert not viewer.browser.faults, viewer.browser.faults
        assert viewer.told_complete, "the page was told that the course is complete"
        for asset_id in course.asset_ids:
            credit_is_the_union(viewer, asset_id)
        completed_once(viewer.person_id, course)
    print(
        f"mid-watch: kills {machine.kills}, beats acknowledged {sum(one.beats for one in viewers)},"
        f" requests repeated {sum(one.browser.repeats for one in viewers)}"
    )


def credit_is_the_union(viewer: Viewer, asset_id: UUID) -> None:
    """What the leases were paid adds up to the length of what is watched, which holds all that was acknowledged."""
    with reading() as session:
        row = session.execute(
            select(WatchProgressRow).where(
                WatchProgressRow.person_id == viewer.person_id, WatchProgressRow.asset_id == asset_id
            )
        ).scalar_one()
        paid = session.execute(
            select(func.sum(LeaseRow.credited_ms)).where(
                LeaseRow.person_id == viewer.person_id, LeaseRow.asset_id == asset_id
            )
        ).scalar_one()
    watched = union((start, end) for start, end in row.watched)
    lost = subtract(viewer.acknowledged[asset_id], watched)
    assert not lost, f"acknowledged and not stored: {lost}"
    assert paid == row.covered_ms == length(watched) <= LECTURE_MS
    assert row.completed_at is not None


def completed_once(person_id: UUID, course: Course) -> None:
    with reading() as session:
        completions = session.execute(
            select(CourseCompletionRow.course_id).where(CourseCompletionRow.person_id == person_id)
        ).scalars()
        assert list(completions) == [course.id]
        entries = session.execute(
            select(CreditEntryRow.source_id, CreditEntryRow.hours).where(CreditEntryRow.person_id == person_id)
        ).all()
        assert [tuple(entry) for entry in entries] == [(course.id, 400 * LECTURES)], "the ledger has one entry"
        live = session.execute(select(LeaseRow.id).where(LeaseRow.person_id == person_id, LeaseRow.ended_at.is_(None)))
        assert not live.all(), "each lease was ended"
