"""What tests of the ledger do again and again: complete a course, add a rule, read the lines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.hours import service
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.learning.events import CourseCompleted
from tests.factories.learning import NOW, Course, School


def complete(
    course: Course,
    person_id: UUID,
    *,
    at: datetime = NOW,
    enrolment_id: UUID | None = None,
    class_kind: str | None = None,
) -> UUID | None:
    """What learning announces when the last second is credited."""
    return service.credit_course(CourseCompleted(person_id, course.id, enrolment_id, class_kind, at, at))


def credited(course: Course, person_id: UUID, **told: Any) -> UUID:
    entry_id = complete(course, person_id, **told)
    assert entry_id is not None
    return entry_id


def add_rule(
    school: School, course: Course, version: int, kind: str, *, now: datetime = NOW, **parameters: Any
) -> UUID:
    """A further version of what a course is worth."""
    rule_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            HoursRuleRow(
                id=rule_id,
                course_id=course.id,
                version=version,
                kind=kind,
                parameters=parameters,
                decided_by=school.national_reviewer_id,
                decided_at=now,
            )
        )
    return rule_id


def lines(person_id: UUID) -> list[CreditEntryRow]:
    """A person's lines in the order in which they were written."""
    with reading() as session:
        statement = select(CreditEntryRow).where(CreditEntryRow.person_id == person_id)
        found = list(session.execute(statement.order_by(CreditEntryRow.round, CreditEntryRow.hours.desc())).scalars())
        session.expunge_all()
        return found
