"""Keys that staff may see wait while they sit an exam on the same banks, whatever an exam draws from by now."""

import pytest

from lms.exams.models import ExamRulesRow
from lms.exams.service.own_exam import OwnExam, refuse_keys
from lms.infra.db import reading, unit_of_work
from tests.factories.exams import NOW, Hall, make_another_exam, make_candidate


def draw_from_elsewhere(hall: Hall) -> None:
    """A second version of the exam's rules, on banks that nobody else draws from."""
    with unit_of_work() as session:
        first = session.get_one(ExamRulesRow, (hall.exam_id, 1))
        values = {column.name: getattr(first, column.name) for column in ExamRulesRow.__table__.columns}
        sections = [{**one, "banks": ["ELSEWHERE"]} for one in first.sections]
        session.add(ExamRulesRow(**{**values, "version": 2, "sections": sections}))


def test_banks_of_older_rules_count_too(hall: Hall) -> None:
    other = make_another_exam(hall)
    sits = make_candidate(other, "也是学员").person_id
    draw_from_elsewhere(hall)
    with reading() as session, pytest.raises(OwnExam):
        refuse_keys(session, hall.exam_id, hall.class_id, sits, now=NOW)
