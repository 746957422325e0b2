"""Opens classes and enrols people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.accounts.queries import aliases
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.classes import queries
from lms.classes.models import ClassCourseRow, EnrolmentRow, TrainingClassRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS_HERE, refuse_numbers
from lms.organisations import queries as organisations

PHASES = ("design", "implement", "summarise")


class EnrolmentClosed(Conflict):
    """The class takes nobody, or not at this time."""

    code, title = "enrolment_closed", N_("此培训班目前不能报名")


class PhaseRefused(Conflict):
    """Phases go forward only, one at a time."""

    code, title = "phase_refused", N_("培训班只能按“设计、实施、总结评估”的顺序向前推进")


@dataclass(frozen=True)
class ClassPlan:
    """What a class is planned as."""

    name: str
    target_group: str
    kind: str
    enrolment: str
    starts_on: date
    ends_on: date
    certificate_name: str
    certificate_kind: str
    unit_id: UUID
    course_ids: Sequence[UUID]
    demo: bool


def create_class(plan: ClassPlan, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Plans a class, in phase design. Returns its id. Raises NotFound, Invalid when a course does not exist or a name tells a number."""
    class_id = ids.new_id(now)
    names = {"name": plan.name, "target_group": plan.target_group, "certificate_name": plan.certificate_name}
    refuse_numbers(NO_NUMBERS_HERE, **names)
    with unit_of_work() as session:
        known = catalogue.course_titles(session, plan.course_ids)
        if known.keys() != set(plan.course_ids) or not plan.course_ids:
            raise Invalid(fields={"course_ids": N_("所选课程中有不存在的课程")})
        organisations.held_place(session, plan.unit_id)
        session.add(
            TrainingClassRow(
                id=class_id,
                name=plan.name,
                target_group=plan.target_group,
                kind=plan.kind,
                phase="design",
                enrolment=plan.enrolment,
                starts_on=plan.starts_on,
                ends_on=plan.ends_on,
                certificate_name=plan.certificate_name,
                certificate_kind=plan.certificate_kind,
                unit_id=plan.unit_id,
                demo=plan.demo,
                created_at=now,
            )
        )
        session.flush()
        for position, course_id in enumerate(plan.course_ids, start=1):
            session.add(ClassCourseRow(class_id=class_id, course_id=course_id, position=position))
        session.flush()
        audit.record(
            session, action="class.created", object_type="class", object_id=class_id, actor_id=actor_id, now=now
        )
    return class_id


def advance_phase(class_id: UUID, phase: str, *, actor_id: UUID | None, now: datetime) -> None:
    """Moves a class to its next phase. Raises NotFound, PhaseRefused (which the audit keeps)."""
    with unit_of_work() as session:
        found = queries.class_facts(session, class_id)
        allowed = phase in PHASES and PHASES.index(phase) == PHASES.index(found.phase) + 1
        audit.record(
            session,
            action="class.phase",
            object_type="class",
            object_id=class_id,
            actor_id=actor_id,
            result="ok" if allowed else "refused",
            details={"old": found.phase, "new": phase},
            now=now,
        )
        if allowed:
            session.execute(update(TrainingClassRow).where(TrainingClassRow.id == class_id).values(phase=phase))
    if not allowed:
        raise PhaseRefused


def follow_merger(gone_id: UUID, into_id: UUID) -> None:
    """The classes of a unit that is no more are held by the one that it became part of."""
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).where(TrainingClassRow.unit_id == gone_id).values(unit_id=into_id))


def enrol(class_id: UUID, person_id: UUID, *, now: datetime) -> UUID:
    """Enrols a person in an open class. Returns the enrolment's id, also when they are in it already.

    Raises NotFound (also for a class that is not open, which is nobody's business but its members', or still in design),
    EnrolmentClosed.
    """
    try:
        with unit_of_work() as session:
            known = queries.enrolment(session, class_id, person_id)
            if known is not None and known.active:
                return known.id
            found = queries.class_facts(session, class_id)
            if known is None and (found.enrolment != "open" or found.phase == "design"):
                raise NotFound
            if found.phase != "implement" or known is not None:
                raise EnrolmentClosed
            enrolment_id = ids.new_id(now)
            session.add(
                EnrolmentRow(
                    id=enrolment_id,
                    class_id=class_id,
                    person_id=person_id,
                    state="approved",
                    created_at=now,
                    changed_at=now,
                )
            )
            session.flush()
            audit.record(
                session,
                action="enrolment.approved",
                object_type="enrolment",
                object_id=enrolment_id,
                actor_id=person_id,
                details={"class": str(class_id), "way": "open"},
                now=now,
            )
            return enrolment_id
    except IntegrityError:  # a double click: the other request enrolled them
        with unit_of_work() as session:
            known = queries.enrolment(session, class_id, person_id)
            if known is None:
                raise
            return known.id


def complete(class_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """The person has passed: the enrolment is completed."""
    with unit_of_work() as session:
        session.execute(
            update(EnrolmentRow)
            .where(
                EnrolmentRow.class_id == class_id,
                EnrolmentRow.person_id.in_(aliases(person_id)),
                EnrolmentRow.state == "approved",
            )
            .values(state="completed", changed_at=now)
        )
