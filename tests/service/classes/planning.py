"""Classes as tests plan them, and what the audit keeps of them."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.classes import service
from lms.classes.service import ClassPlan
from lms.infra.db import reading
from tests.factories.learning import NOW, Course, School


def plan(school: School, *courses: Course, **changes: Any) -> ClassPlan:
    whole = ClassPlan(
        name="全国非公企业工会主席上岗资格网络培训班",
        target_group="非公企业工会主席",
        kind="centralized",
        enrolment="open",
        starts_on=date(2026, 10, 8),
        ends_on=date(2026, 12, 31),
        certificate_name="工会干部上岗资格培训证书",
        certificate_kind="SG",
        unit_id=school.unit_id,
        course_ids=tuple(course.id for course in courses),
        demo=False,
    )
    return replace(whole, **changes)


def add_class(school: School, *courses: Course, phase: str = "implement", **changes: Any) -> UUID:
    """A class that reached `phase` step by step."""
    class_id = service.create_class(plan(school, *courses, **changes), actor_id=school.author_id, now=NOW)
    for step in service.PHASES[1 : service.PHASES.index(phase) + 1]:
        service.advance_phase(class_id, step, actor_id=school.author_id, now=NOW)
    return class_id


def audited(action: str) -> list[tuple[str, dict[str, Any]]]:
    """(result, details) of what the audit keeps under an action."""
    with reading() as session:
        rows = session.execute(
            select(AuditEntryRow.result, AuditEntryRow.details).where(AuditEntryRow.action == action)
        )
        return [(row[0], row[1]) for row in rows]
