"""Who sits an exam holds no office in it: they see no item and no key as staff, mark nothing, and give nobody time.

Nobody sees what is right before it is over, unless the banks are theirs to see.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.exams import queries
from lms.kernel.errors import N_, Forbidden


class OwnExam(Forbidden):
    """The person is of the exam's class, or has an attempt at it."""

    code, title = (
        "own_exam",
        N_("您是这场考试的学员，不能办理它的考务，也不能在这里查看它的试题和答案，请由其他工作人员办理"),
    )


class KeysTooEarly(Forbidden):
    """The exam is not over, and its banks are not all the person's to see."""

    code, title = (
        "keys_too_early",
        N_("考试还没有结束，其中有您无权查看的题库；试题和正确答案要到考试结束后才能在这里查看"),
    )


def refuse_own(session: Session, class_id: UUID, person_id: UUID) -> None:
    """Raises OwnExam for who sits the exam of a class, under whatever account."""
    if queries.sits(session, class_id, person_id):
        raise OwnExam


def refuse_candidates(session: Session, banks: Collection[str], person_id: UUID, *, now: datetime) -> None:
    """Raises OwnExam for who is of a class whose exam draws from one of some banks, until that exam is over for everybody."""
    if queries.still_sits(session, banks, person_id, now=now):
        raise OwnExam


def refuse_keys(session: Session, exam_id: UUID, class_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """Asked before items of an exam are shown with what is right: raises OwnExam for who sits it, or another one on its banks."""
    refuse_own(session, class_id, person_id)
    refuse_candidates(session, queries.banks_ever(session, exam_id), person_id, now=now)


def refuse_early_keys(session: Session, exam_id: UUID, by: Staff, *, now: datetime) -> None:
    """Asked before keys of an exam are shown to staff; `by` reaches as far as they may preview items.

    Raises KeysTooEarly, OwnExam.
    """
    found = queries.exam(session, exam_id)
    refuse_keys(session, exam_id, found.class_id, by.person_id, now=now)
    if not found.window.over(now) and not reach_banks(session, queries.banks_ever(session, exam_id), by):
        raise KeysTooEarly


def reach_banks(session: Session, banks: Collection[str], by: Staff) -> bool:
    """Whether all of some banks are of units in somebody's reach; a bank of no unit is in nobody's."""
    paths = queries.planning.bank_paths(session, banks)
    return all((path := paths.get(bank)) is not None and by.reaches(path) for bank in banks)
