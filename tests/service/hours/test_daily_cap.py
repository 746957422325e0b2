"""A daily cap puts hours off and destroys none: told before, credited on the day with room, proved by the ledger's check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms import settings as settings_module
from lms.hours import queries, service
from lms.infra.db import reading, unit_of_work
from lms.kernel.clock import SHANGHAI
from lms.learning import service as watching
from lms.learning.events import CourseCompleted
from lms.settings import Settings
from tests.factories import learning
from tests.factories.learning import NOW, School
from tests.factories.together import at_once
from tests.service.hours.ledger import add_rule, lines

CAP = 500
TODAY = NOW.astimezone(SHANGHAI).date()


def finish(person_id: UUID, course_id: UUID, *, after: timedelta = timedelta(), kind: str | None = None) -> UUID | None:
    at = NOW + after
    return service.credit_course(CourseCompleted(person_id, course_id, None, kind, at, at), a_day=CAP)


def waits(person_id: UUID) -> list[tuple[int, date]]:
    with reading() as session:
        return [(one.hours, one.credit_on) for one in queries.waiting(session, person_id)]


@pytest.fixture
def learner(school: School) -> UUID:
    return learning.add_person(school.unit_id)


def courses(school: School, *worth: int) -> list[UUID]:
    made = [learning.add_course(school) for _ in worth]
    for course, hours in zip(made, worth, strict=True):
        add_rule(school, course, 2, "fixed", hours=hours)
    return [course.id for course in made]


def test_what_is_too_much_for_today_comes_tomorrow(school: School, learner: UUID) -> None:
    first, second, third = courses(school, 400, 400, 100)
    assert finish(learner, first) is not None
    with reading() as session:
        told = queries.put_off_until(session, learner, 400, a_day=CAP, now=NOW)
    assert told == TODAY + timedelta(days=1)
    assert finish(learner, second) is None
    assert finish(learner, second) is None  # announced twice, waits once
    assert finish(learner, third) is not None  # what fits is not held back
    assert waits(learner) == [(400, TODAY + timedelta(days=1))]
    assert service.credit_deferred(now=NOW) == 0
    assert service.credit_deferred(now=NOW + timedelta(days=1)) == 1
    assert service.credit_deferred(now=NOW + timedelta(days=1)) == 0
    found = lines(learner)
    assert sorted(one.hours for one in found) == [100, 400, 400]
    assert {one.earned_at for one in found} == {NOW}
    assert waits(learner) == []


def test_centralised_training_is_not_held_back(school: School, learner: UUID) -> None:
    first, second = courses(school, 400, 400)
    assert finish(learner, first) is not None
    assert finish(learner, second, kind="centralized") is not None


def test_at_the_turn_of_the_year_the_old_year_keeps_its_hours(school: School, learner: UUID) -> None:
    last = NOW.replace(month=12, day=31, hour=15, minute=30)  # 23:30 in China
    first, second = courses(school, 400, 400)
    finish(learner, first, after=last - NOW)
    finish(learner, second, after=last - NOW)
    assert waits(learner) == [(400, date(last.year + 1, 1, 1))]
    service.credit_deferred(now=last + timedelta(hours=1))
    assert {one.count_year for one in lines(learner)} == {last.year}


def test_two_devices_don_t_share_the_room_of_a_day(school: School, learner: UUID) -> None:
    some = courses(school, 300, 300, 300, 300)
    at_once(*(partial(finish, learner, one) for one in some))
    assert len(lines(learner)) + len(waits(learner)) == 4
    assert len(lines(learner)) == 1
    assert [day for _hours, day in waits(learner)] == [TODAY + timedelta(days=n) for n in (1, 2, 3)]


@pytest.fixture
def five_a_day(settings: Settings) -> Iterator[None]:
    settings_module.use(replace(settings, hours_a_day=5))
    yield
    settings_module.use(settings)


@pytest.mark.usefixtures("five_a_day")
def test_what_waits_is_no_difference_and_keeps_the_rule_of_its_day(school: School, learner: UUID) -> None:
    first, second = (learning.add_course(school) for _ in range(2))
    for one in (first, second):
        watching.import_progress(learner, one.lecture_ids[0], enrolment_id=None, now=NOW)
    assert len(waits(learner)) == 1
    assert service.prove(now=NOW + timedelta(hours=1)).differences == 0
    add_rule(school, second, 2, "fixed", now=NOW + timedelta(hours=2), hours=900)
    service.credit_deferred(now=NOW + timedelta(days=1))
    assert [one.hours for one in lines(learner)] == [400, 400]
    assert service.prove(now=NOW + timedelta(days=2)).differences == 0


def test_only_the_settling_is_written(school: School, learner: UUID) -> None:
    first, second = courses(school, 400, 400)
    finish(learner, first)
    finish(learner, second)
    for statement in ("UPDATE deferred_hours SET hours = 900", "DELETE FROM deferred_hours"):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(text(statement))
