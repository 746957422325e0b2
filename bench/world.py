"""Fills a fresh database with what the hot paths need; prints it as JSON. Runs in a process of its own.

`python -m bench.world draw <exam>` instead draws papers ahead for the candidates who have not begun, as the worker does.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from flask import Flask, session as flask_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import text

from lms import settings
from lms.app import create_app
from lms.exams import service as exam_service
from lms.infra import db, schema
from lms.infra.db import unit_of_work
from lms.kernel import clock, ids
from lms.learning.models import CourseCompletionRow
from tests.factories import exams, learning as factory

COURSES = 8
LECTURE_MS = 4 * 3600 * 1000
VIEWERS = 32  # each connection drives one of them
CANDIDATES = 240  # each starts and submits once
BANKS = tuple(f"C{number}" for number in range(1, COURSES + 1))


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in: the headers that their browser sends, and the lease that they play under."""

    headers: dict[str, str]
    lease_id: str


def main() -> None:
    app = create_app(settings.from_environment())
    if sys.argv[1:2] == ["draw"]:
        began = time.process_time()
        drawn = draw(UUID(sys.argv[2]), int(sys.argv[3]))
        print(json.dumps({"papers": drawn, "cpu_ms": (time.process_time() - began) * 1000}))
        return
    schema.upgrade()
    now = clock.now()
    hall = exams.make_hall(blueprint=exams.twenty_items(BANKS), now=now)
    school = factory.add_staff(hall.land.unit, now=now)
    courses = [factory.add_course(school, f"第{n + 1}门课程", duration_ms=LECTURE_MS, now=now) for n in range(COURSES)]
    class_id = factory.add_class(school, courses, now=now)
    viewers = []
    for _ in range(VIEWERS):
        person_id = factory.add_person(school.unit_id, now=now)
        enrolment_id = factory.add_enrolment(class_id, person_id, now=now)
        lease = factory.open_lease(courses[0].lecture_ids[0], person_id, enrolment_id=enrolment_id, now=clock.now())
        viewers.append(Visitor(headers(app, person_id, now), str(lease.lease_id)))
    candidates = [Visitor(headers(app, _candidate(school, hall, now), now), "") for _ in range(CANDIDATES)]
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE bench_counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        for number in range(VIEWERS):
            connection.execute(text("INSERT INTO bench_counter VALUES (:id, 0)"), {"id": number})
        connection.execute(
            text("ANALYZE")
        )  # as autovacuum does within a minute: plans of an unknown table are no measure
    world = {
        "class_id": str(class_id),
        "lecture_id": str(courses[0].lecture_ids[0]),
        "exam_id": str(hall.exam_id),
        "viewers": [asdict(one) for one in viewers],
        "candidates": [asdict(one) for one in candidates],
    }
    print(json.dumps(world))


def draw(exam_id: UUID, wanted: int) -> int:
    """Draws until so many papers wait, as the worker does for every exam that is about to begin. Returns how many it drew."""
    drawn = 0
    while more := exam_service.draw_ahead(exam_id, wanted=wanted, now=clock.now(), rng=Random(drawn)):
        drawn += more
    return drawn


def _candidate(school: factory.School, hall: exams.Hall, now: datetime) -> UUID:
    person_id = factory.add_person(school.unit_id, now=now)
    factory.add_enrolment(hall.class_id, person_id, now=now)
    with unit_of_work() as session:
        for course_id in hall.course_ids:
            session.add(
                CourseCompletionRow(id=ids.new_id(now), person_id=person_id, course_id=course_id, completed_at=now)
            )
    return person_id


def headers(app: Flask, person_id: UUID, now: datetime) -> dict[str, str]:
    """The session cookie and the token of a browser in which the person is signed in."""
    session_id = factory.add_session(person_id, now=now)
    with app.test_request_context():
        token = generate_csrf()
        kept = {"_user_id": str(session_id), "_fresh": True, "csrf_token": flask_session["csrf_token"]}
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own interface
    return {"Cookie": f"session={signer.dumps(kept)}", "X-CSRFToken": token}


if __name__ == "__main__":
    main()
