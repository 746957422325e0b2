"""Reads, in one statement, all that decides whether a person may begin an attempt; and whose exam an exam is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ScalarSelect, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accommodations.domain.measures import USUAL
from lms.accommodations.models import AccommodationRow
from lms.accommodations.queries import holding
from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.classes.models import ClassCourseRow, EnrolmentRow, TrainingClassRow
from lms.classes.queries import ENROLLED
from lms.exams.domain.attempts import State
from lms.exams.domain.starting import StartFacts
from lms.exams.domain.window import Window
from lms.exams.models import AttemptRow, ExamRow, ExamRulesDraftRow, ExamRulesRow, SittingRow
from lms.exams.queries.exam import LONGEST_SECONDS, WINDOW, window_of
from lms.exams.queries.kept import section_of
from lms.exams.queries.planning import UNDECIDED
from lms.infra.types import Instant, Uuid
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.learning.models import CourseCompletionRow


def _missing(aliases: Select[UUID]) -> ScalarSelect[int]:
    """How many courses of the class the person has not completed."""
    done = select(CourseCompletionRow.id).where(
        CourseCompletionRow.course_id == ClassCourseRow.course_id, CourseCompletionRow.person_id.in_(aliases)
    )
    courses = select(func.count()).select_from(ClassCourseRow).where(ClassCourseRow.class_id == ExamRow.class_id)
    return courses.where(~done.exists()).correlate(ExamRow).scalar_subquery()


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    person = bindparam("person_id", type_=Uuid)
    now = bindparam("now", type_=Instant)
    known = select(PersonRow.id).where(or_(PersonRow.id == person, PersonRow.merged_into == person)).cte("known")
    aliases = select(known.c.id)  # read once for all that is asked of them
    mine = (AttemptRow.exam_id == ExamRow.id, AttemptRow.person_id.in_(aliases))
    counted = AttemptRow.state != State.VOIDED.value
    sittings = select(SittingRow).where(SittingRow.exam_id == ExamRow.id, SittingRow.person_id.in_(aliases))
    in_time = and_(SittingRow.opens_at <= now, SittingRow.closes_at > now)
    return (
        select(
            ExamRow.class_id,
            ExamRow.state,
            select(func.max(ExamRulesRow.version))
            .where(ExamRulesRow.exam_id == ExamRow.id)
            .scalar_subquery()
            .label("rules_version"),
            TrainingClassRow.phase,
            TrainingClassRow.starts_on,
            TrainingClassRow.ends_on,
            LONGEST_SECONDS,
            select(func.max(case((EnrolmentRow.state.in_(ENROLLED), 1), else_=0)))
            .where(EnrolmentRow.class_id == ExamRow.class_id, EnrolmentRow.person_id.in_(aliases))
            .scalar_subquery()
            .label("enrolled"),
            select(func.count()).select_from(AttemptRow).where(*mine).scalar_subquery().label("begun"),
            select(func.count()).select_from(AttemptRow).where(*mine, counted).scalar_subquery().label("used"),
            select(AttemptRow.id)
            .where(*mine, AttemptRow.state == State.OPEN.value)
            .limit(1)
            .scalar_subquery()
            .label("open_attempt_id"),
            select(func.max(AttemptRow.submitted_at)).where(*mine, counted).scalar_subquery().label("last_ended_at"),
            sittings.with_only_columns(func.coalesce(func.sum(SittingRow.attempts), 0))
            .scalar_subquery()
            .label("further"),
            sittings.with_only_columns(func.max(SittingRow.closes_at))
            .where(in_time)
            .scalar_subquery()
            .label("sitting_until"),
            _missing(aliases).label("missing"),
            holding(aliases, bindparam("day", type_=Date))
            .with_only_columns(AccommodationRow.exam_percent)
            .scalar_subquery()
            .label("exam_percent"),
        )
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .where(ExamRow.id == bindparam("exam_id", type_=Uuid))
    )


def start_facts(session: Session, exam_id: UUID, person_id: UUID, *, now: datetime) -> StartFacts:
    """What decides about a start. Raises NotFound without the exam."""
    values = {"exam_id": exam_id, "person_id": person_id, "now": now, "day": now.astimezone(SHANGHAI).date()}
    row = session.connection().execute(_statement(), values).first()
    if row is None:
        raise NotFound
    return StartFacts(
        class_id=row.class_id,
        open=row.state == "open",
        rules_version=row.rules_version,
        window=Window(row.phase, row.starts_on, row.ends_on, timedelta(seconds=row.longest_seconds)),
        enrolled=None if row.enrolled is None else bool(row.enrolled),
        begun=row.begun,
        used=row.used,
        further=row.further,
        sitting_until=row.sitting_until,
        open_attempt_id=row.open_attempt_id,
        last_ended_at=row.last_ended_at,
        missing=row.missing,
        exam_percent=row.exam_percent or USUAL,
    )


def sits(session: Session, class_id: UUID, person_id: UUID) -> bool:
    """Whether a person, under whatever account, is enrolled in a class or has an attempt at its exam."""
    return bool(
        session.execute(select(TrainingClassRow.id).where(TrainingClassRow.id == class_id, sitting(person_id))).scalar()
    )


def sitting(person_id: UUID) -> ColumnElement[bool]:
    """The condition on TrainingClassRow that a person, under whatever account, is enrolled in it or has an attempt at its exam."""
    mine, exam = aliases(person_id), aliased(ExamRow)
    enrolled = select(EnrolmentRow.id).where(
        EnrolmentRow.class_id == TrainingClassRow.id, EnrolmentRow.person_id.in_(mine), EnrolmentRow.state.in_(ENROLLED)
    )
    attempt = aliased(AttemptRow)
    begun = (
        select(attempt.id)
        .join(exam, exam.id == attempt.exam_id)
        .where(exam.class_id == TrainingClassRow.id, attempt.person_id.in_(mine))
    )
    return or_(enrolled.correlate(TrainingClassRow).exists(), begun.correlate(TrainingClassRow).exists())


def banks_ever(session: Session, exam_id: UUID) -> frozenset[str]:
    """The banks that an exam draws from or drew from, under whatever version of its rules: what was asked can still be seen."""
    listed = session.execute(select(ExamRulesRow.sections).where(ExamRulesRow.exam_id == exam_id)).scalars()
    return frozenset(bank for sections in listed for one in sections for bank in section_of(one).banks)


def still_sits(session: Session, banks: Iterable[str], person_id: UUID, *, now: datetime) -> bool:
    """Whether a person, under whatever account, is of a class whose exam draws from one of some banks and is not over."""
    return not closed_banks(session, person_id, now=now).isdisjoint(banks)


def closed_banks(session: Session, person_id: UUID, *, now: datetime) -> frozenset[str]:
    """The banks of exams that a person, under whatever account, still sits or is going to sit.

    All versions of an exam's rules count, as an attempt that is open keeps its own, and so does the draft under way: who
    reads a bank before the rules are published knows it after. Two statements.
    """
    mine = (EnrolmentRow.person_id.in_(aliases(person_id)), EnrolmentRow.state.in_(ENROLLED))
    rules = session.execute(
        select(
            ExamRulesRow.sections,
            *WINDOW,
        )
        .select_from(EnrolmentRow)
        .join(TrainingClassRow, TrainingClassRow.id == EnrolmentRow.class_id)
        .join(ExamRow, ExamRow.class_id == TrainingClassRow.id)
        .join(ExamRulesRow, ExamRulesRow.exam_id == ExamRow.id)
        .where(*mine)
    )
    drafts = session.execute(
        select(ExamRulesDraftRow.sections, TrainingClassRow.phase, TrainingClassRow.starts_on, TrainingClassRow.ends_on)
        .select_from(EnrolmentRow)
        .join(TrainingClassRow, TrainingClassRow.id == EnrolmentRow.class_id)
        .join(ExamRulesDraftRow, ExamRulesDraftRow.class_id == TrainingClassRow.id)
        .where(*mine, ExamRulesDraftRow.state.in_(UNDECIDED))
    )
    listed = [row.sections for row in rules if not window_of(row).over(now)]
    listed += [
        row.sections for row in drafts if not Window(row.phase, row.starts_on, row.ends_on, timedelta()).over(now)
    ]
    return frozenset(bank for sections in listed for one in sections for bank in section_of(one).banks)
