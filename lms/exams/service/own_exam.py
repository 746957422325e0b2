"""Who sits an exam holds no office in it: they see no item and no key as staff, mark nothing, and give nobody time."""

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
