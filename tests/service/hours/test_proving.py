"""The ledger is worked out anew from what was watched, completed and decided; each difference is named."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.audit.models import AuditEntryRow
from lms.hours import service
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.learning import service as watching
from lms.learning.models import WatchProgressRow
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.service.hours.ledger import credited, lines

LATER = NOW + timedelta(days=1)


@pytest.fixture
def entry(course: Course, learner: UUID) -> UUID:
    watching.import_progress(learner, course.lecture_ids[0], enrolment_id=None, now=NOW)
    (line,) = lines(learner)
    return line.id


def found() -> list[str]:
    return [one.detail for one in service.prove(now=LATER).first]


def test_an_honest_ledger_agrees(school: School, learner: UUID, entry: UUID) -> None:
    by = {"actor_id": school.author_id, "second_id": school.national_reviewer_id, "now": LATER}
    service.reverse(entry, reason="误计", **by)
    service.recredit(entry, reason="冲正有误", **by)
    proof = service.prove(now=LATER)
    assert (proof.people, proof.differences) == (4, 0)


def test_a_class_decides_the_kind(school: School, course: Course, learner: UUID) -> None:
    enrolment = learning.add_enrolment(learning.add_class(school, [course]), learner)
    watching.import_progress(learner, course.lecture_ids[0], enrolment_id=enrolment, now=NOW)
    assert found() == []


def test_a_line_for_a_course_that_nobody_completed_is_named(course: Course, learner: UUID) -> None:
    credited(course, learner)
    assert found() == ["nobody completed the course of this line"]
    with reading() as session:
        told = session.execute(select(AuditEntryRow.result).where(AuditEntryRow.action == "hours.differs")).scalars()
        assert list(told) == ["broken"]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"hours": 800}, "the line brings 800 hundredths, its rule 400"),
        ({"count_year": 2025}, "the line counts in 2025, the course was completed in another year"),
        ({"ledger": "centralized"}, "the line is in the other kind of training"),
        ({"earned_at": NOW - timedelta(hours=1)}, "the line was not earned when the course was completed"),
    ],
)
def test_a_second_line_that_says_otherwise_is_named(
    learner: UUID, entry: UUID, change: dict[str, Any], detail: str
) -> None:
    (line,) = lines(learner)
    same = {column.key: getattr(line, column.key) for column in CreditEntryRow.__table__.columns}
    with unit_of_work() as session:
        session.add(CreditEntryRow(**{**same, "id": ids.new_id(LATER), "round": 1, **change}))
    assert detail in found()


def test_the_same_course_twice_in_a_year_is_named(learner: UUID, entry: UUID) -> None:
    (line,) = lines(learner)
    same = {column.key: getattr(line, column.key) for column in CreditEntryRow.__table__.columns}
    with unit_of_work() as session:
        session.add(CreditEntryRow(**{**same, "id": ids.new_id(LATER), "round": 1}))
    assert found() == ["the source counts twice in one year"]


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"completed_at": None}, "the course is completed without its lecture"),
        ({"watched": [[0, 30_000]]}, "is not what its spans cover"),
        ({"watched": [[0, 58_000]], "covered_ms": 58_000}, "counts as watched than its leases were paid"),
    ],
)
def test_watched_time_that_does_not_carry_the_completion_is_named(
    course: Course,
    learner: UUID,
    entry: UUID,
    values: dict[str, Any],
    detail: str,
) -> None:
    with unit_of_work() as session:
        session.execute(update(WatchProgressRow).where(WatchProgressRow.person_id == learner).values(**values))
    (one,) = found()
    assert detail in one
