"""Plans exams."""

from datetime import datetime
from uuid import UUID

from lms import settings as settings_module
from lms.audit import service as audit
from lms.classes import queries as classes
from lms.exams.domain.blueprint import Blueprint
from lms.exams.models import ExamRow, ExamRulesRow
from lms.exams.queries.kept import section_data
from lms.infra.db import unit_of_work
from lms.kernel import ids


def create_exam(
    class_id: UUID, title: str, blueprint: Blueprint, *, review: str = "full", actor_id: UUID | None, now: datetime
) -> UUID:
    """Gives a class its exam. Returns its id. Raises NotFound without the class, IntegrityError when it has one."""
    exam_id = ids.new_id(now)
    with unit_of_work() as session:
        classes.class_facts(session, class_id)
        session.add(ExamRow(id=exam_id, class_id=class_id, title=title, state="open", created_at=now))
        session.flush()
        session.add(
            ExamRulesRow(
                exam_id=exam_id,
                version=1,
                sections=[section_data(one) for one in blueprint.sections],
                minutes=blueprint.minutes,
                pass_mark=blueprint.pass_mark,
                max_attempts=blueprint.max_attempts,
                grace_seconds=settings_module.current().exam_grace_seconds,
                review=review,
                created_at=now,
            )
        )
        session.flush()
        audit.record(session, action="exam.created", object_type="exam", object_id=exam_id, actor_id=actor_id, now=now)
    return exam_id
