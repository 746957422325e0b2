"""Reads teachers."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from lms.catalogue.models import LectureRow, LectureVersionRow, TeacherRow
from lms.moderation.domain.workflow import State
from lms.moderation.models import RevisionRow


@dataclass(frozen=True)
class Teacher:
    """As shown beside a course."""

    name: str
    institution: str
    post: str


@dataclass(frozen=True)
class PooledTeacher:
    """A teacher, and in how many lectures that learners see now: one at least."""

    teacher: Teacher
    published: int


def teachers(session: Session, text: str = "", *, limit: int = 50, offset: int = 0) -> tuple[PooledTeacher, ...]:
    """Teachers whom learners see, by name; with a text those whose name or institution has it.

    Who teaches in drafts only is the business of their authors and reviewers.
    """
    live = and_(LectureRow.live_revision_id == LectureVersionRow.revision_id, RevisionRow.state == State.PUBLISHED)
    published = (
        select(func.count())
        .select_from(LectureVersionRow)
        .join(LectureRow, LectureRow.id == LectureVersionRow.lecture_id)
        .join(RevisionRow, RevisionRow.id == LectureVersionRow.revision_id)
        .where(LectureVersionRow.teacher_id == TeacherRow.id, live)
        .scalar_subquery()
    )
    statement = select(TeacherRow.name, TeacherRow.institution, TeacherRow.post, published).where(published > 0)
    if text:
        has = (TeacherRow.name.contains(text, autoescape=True), TeacherRow.institution.contains(text, autoescape=True))
        statement = statement.where(or_(*has))
    rows = session.execute(statement.order_by(TeacherRow.name, TeacherRow.id).limit(limit).offset(offset))
    return tuple(PooledTeacher(Teacher(row[0], row[1], row[2]), row[3]) for row in rows)
