"""Items that may be practised, beside an exam's: a bank of kind practice for the courses of a hall."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from lms.catalogue.models import CourseRow
from lms.exams.domain.answers import on_page
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.practice.queries import Step
from lms.questionbank import service as questionbank
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import KEYS, NOW, OPTIONS, Hall

SECRET = "解析只在答后出现"
WRONG = {"single": ["D"], "multiple": ["A"], "true_false": ["T"]}


def step_answer(step: Step, *, right: bool) -> list[str]:
    """A right or a wrong answer to a step of a round, as its page sends it."""
    return list(on_page((KEYS if right else WRONG)[step.type], step.type, step.option_order))


def add_practice(hall: Hall, *, each: int = 5, course: int = 0, now: datetime = NOW) -> str:
    """Gives a course of the hall a practice bank with `each` published items of each choice type. Returns the bank's code."""
    course_id = hall.course_ids[course]
    code = f"P{course + 1}"
    questionbank.ensure_bank(code, f"练习{code}", kind="practice", now=now)
    with unit_of_work() as session:
        session.execute(update(CourseRow).where(CourseRow.id == course_id).values(practice_bank_code=code))
        revision_id = session.execute(
            select(ItemVersionRow.revision_id).where(ItemVersionRow.bank_code == hall.banks[course]).limit(1)
        ).scalar_one()
        session.flush()
        assert revision_id
        position = 1_000 + course
        for kind in OPTIONS:
            for number in range(1, each + 1):
                position += 1
                session.add(practice_item(code, revision_id, position, kind, ref=f"{code}-{kind}-{number:03}", now=now))
    return code


def practice_item(
    code: str, revision_id: UUID, position: int, kind: str, *, ref: str, now: datetime = NOW
) -> ItemVersionRow:
    return ItemVersionRow(
        id=ids.new_id(now),
        bank_code=code,
        revision_id=revision_id,
        position=position,
        ref=ref,
        type=kind,
        stem=f"练习题 {ref} 下列说法**不**正确的是 <b>&",
        options=OPTIONS[kind],
        answer=KEYS[kind],
        explanation=f"{SECRET} {ref}",
        sources=[f"依据 {ref}"],
        knowledge_point=f"知识点{position % 3}",
        difficulty=2,
        is_case=False,
        void_rule="",
        state="published",
        created_at=now,
    )
