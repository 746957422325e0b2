"""Who sits an exam holds no office in it: they see no item and no key as staff, mark nothing, and give nobody time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.exams import queries
from lms.kernel.errors import N_, Forbidden


class OwnExam(Forbidden):
    """The person is of the exam's class, or has an attempt at it."""

    code, title = (
        "own_exam",
        N_("您是这场考试的学员，不能办理它的考务，也不能在这里查看它的试题和答案，请由其他工作人员办理"),
    )


def refuse_own(session: Session, class_id: UUID, person_id: UUID) -> None:
    """Raises OwnExam for who sits the exam of a class, under whatever account."""
    if queries.sits(session, class_id, person_id):
        raise OwnExam


def refuse_candidates(session: Session, bank_code: str, person_id: UUID, *, now: datetime) -> None:
    """Raises OwnExam for who is of a class whose exam draws from a bank, until that exam is over for everybody."""
    if queries.still_sits(session, [bank_code], person_id, now=now):
        raise OwnExam


def refuse_keys(session: Session, exam_id: UUID, class_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """Asked before items of an exam are shown with what is right: raises OwnExam for who sits it, or another one on its banks."""
    refuse_own(session, class_id, person_id)
    if queries.still_sits(session, queries.banks_ever(session, exam_id), person_id, now=now):
        raise OwnExam
