"""Classrooms for tests: one opened by a host, played second for second by a forged-free screen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lms.accounts.domain.reach import Staff
from lms.learning.domain.intervals import Span
from lms.learning.service import classroom
from lms.learning.service.classroom.people import CodePolicy
from lms.learning.service.classroom.screen import Report, Taken
from tests.factories import learning
from tests.factories.learning import NOW, Course, School

MINUTE_CODES = CodePolicy(60)


@dataclass
class Room:
    """An open session with its screen; `now` moves as it plays."""

    id: UUID
    host_id: UUID
    now: datetime
    screen_id: UUID | None = None
    seq: int = 0
    at_ms: int = 0
    rng: Random = field(default_factory=lambda: Random(7))
    scopes: tuple[str, ...] = ("/",)

    def host(self) -> Staff:
        return Staff(self.host_id, self.scopes)

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def open_screen(self) -> UUID:
        screen = classroom.open_screen(self.id, by=self.host(), rng=self.rng, now=self.now)
        self.screen_id, self.seq = screen.id, 0
        return screen.id

    def report(self, *segments: Span, seq: int | None = None) -> Taken:
        assert self.screen_id
        self.seq += 1
        report = Report(seq or self.seq, segments, self.at_ms)
        return classroom.take_report(self.screen_id, report, rng=self.rng, now=self.now)

    def play(self, seconds: int) -> None:
        """Plays on for so long, a report each 15 seconds; whoever is asked for answers."""
        while seconds > 0:
            step = min(15, seconds)
            self.later(step)
            start, self.at_ms = self.at_ms, self.at_ms + step * 1000
            taken = self.report((start, self.at_ms))
            if taken.check_id and self.screen_id:
                classroom.answer_check(self.screen_id, taken.check_id, rng=self.rng, now=self.now)
            seconds -= step

    def sign_in(self, person_id: UUID, *, photo_id: UUID | None = None) -> UUID:
        return classroom.sign_in(self.id, person_id, by=self.host(), photo_id=photo_id, now=self.now)

    def code(self) -> str:
        return classroom.code_shown(self.id, MINUTE_CODES, now=self.now).digits

    def end(self) -> None:
        classroom.end_room(self.id, by=self.host(), now=self.now)

    def sign(self, *, sha256: str, headcount: int = 2) -> None:
        classroom.sign(
            self.id,
            by=self.host(),
            headcount=headcount,
            statement="全场在座，纪律良好",
            sheet_sha256=sha256,
            now=self.now,
        )

    def sign_for_host(self, by: Staff, *, sha256: str) -> None:
        classroom.sign_for_host(
            self.id, by=by, headcount=1, statement="主持人已调离，向到场的同志核实", sheet_sha256=sha256, now=self.now
        )


def open_room(
    school: School,
    course: Course,
    *,
    host_id: UUID | None = None,
    class_id: UUID | None = None,
    seats: int = 60,
    number: int = 0,
    now: datetime = NOW,
) -> Room:
    """A session of the school's unit on a lecture of the course, its screen open."""
    host_id = host_id or learning.add_person(school.unit_id, "主持人", now=now)
    plan = classroom.RoomPlan(course.lecture_ids[number], class_id, school.unit_id, "三楼会议室", seats)
    room = Room(classroom.open_room(plan, by=Staff(host_id, (school.unit_path,)), now=now), host_id, now)
    room.open_screen()
    return room
