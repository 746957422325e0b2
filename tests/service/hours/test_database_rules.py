"""The database itself refuses to change a line or a rule, and to count a course twice."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lms.hours import service
from lms.hours.models import CreditEntryRow
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from tests.factories.learning import NOW, Course, School
from tests.service.hours.ledger import add_rule, credited, lines


def copy_of(person_id: UUID, **changes: Any) -> None:
    """A second line that says what the person's only line says, but for the changes."""
    (line,) = lines(person_id)
    same = {column.key: getattr(line, column.key) for column in CreditEntryRow.__table__.columns}
    with unit_of_work() as session:
        session.add(CreditEntryRow(**{**same, "id": ids.new_id(NOW), **changes}))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE credit_entry SET hours = hours + 100",
        "UPDATE credit_entry SET count_year = 2025",
        "DELETE FROM credit_entry",
        "UPDATE hours_rule SET version = version + 1",
        "DELETE FROM hours_rule",
    ],
)
def test_lines_and_rules_are_never_changed(course: Course, learner: UUID, change: str) -> None:
    credited(course, learner)
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(change))
    assert [line.hours for line in lines(learner)] == [400]


def test_a_course_counts_once_a_person_year_and_round(course: Course, learner: UUID) -> None:
    credited(course, learner)
    with pytest.raises(IntegrityError):
        copy_of(learner)
    copy_of(learner, round=1)


def test_the_kind_of_training_does_not_make_it_count_again(course: Course, learner: UUID) -> None:
    credited(course, learner)
    with pytest.raises(IntegrityError):
        copy_of(learner, ledger="centralized")


@pytest.mark.parametrize("hours", [0, -400])
def test_a_line_that_takes_nothing_back_brings_something(course: Course, learner: UUID, hours: int) -> None:
    credited(course, learner)
    with pytest.raises(IntegrityError):
        copy_of(learner, round=1, hours=hours)


@pytest.mark.parametrize("change", [{"reason": ""}, {"actor_id": None}, {"hours": 400}], ids=str)
def test_a_reversal_names_person_and_reason_and_is_negative(
    school: School, course: Course, learner: UUID, change: dict[str, Any]
) -> None:
    entry_id = credited(course, learner)
    whole = {"hours": -400, "reversal_of": entry_id, "reason": "误计", "actor_id": school.author_id}
    with pytest.raises(IntegrityError):
        copy_of(learner, **{**whole, **change})


def test_a_line_is_taken_back_by_one_line(school: School, course: Course, learner: UUID) -> None:
    entry_id = credited(course, learner)
    service.reverse(entry_id, actor_id=school.author_id, second_id=school.national_reviewer_id, reason="误计", now=NOW)
    credit, reversal = lines(learner)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        same = {column.key: getattr(reversal, column.key) for column in CreditEntryRow.__table__.columns}
        session.add(CreditEntryRow(**{**same, "id": ids.new_id(NOW)}))
    assert credit.id == entry_id


def test_a_version_of_a_rule_is_there_once(school: School, course: Course) -> None:
    with pytest.raises(IntegrityError):
        add_rule(school, course, 1, "fixed", hours=800)
    with pytest.raises(IntegrityError):
        add_rule(school, course, 2, "guessed", hours=800)
