"""Fixes what a course is worth, by a new version of its rule, and says what it is worth."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from lms.catalogue import queries as catalogue
from lms.catalogue.events import LecturePublished
from lms.hours import queries
from lms.hours.domain.rules import Rule, RuleKind, hours_for, to_data
from lms.hours.models import HoursRuleRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict


class NoRule(Conflict):
    """A course without a rule can't be credited; publishing fixes one."""

    code, title = "no_rule", N_("课程尚未核定学时")


def fix_rule(event: LecturePublished) -> None:
    """Stores what the reviewers fixed for the course as a new version, unless it is what holds already."""
    with unit_of_work() as session:
        held = queries.newest_rule(session, event.course_id)
        version = held.rule.version + 1 if held else 1
        fixed = Rule(RuleKind.FIXED, version, hours=event.course_hours)
        wanted = replace(event.length_rule, version=version) if event.length_rule else fixed
        if held is not None and replace(held.rule, version=version) == wanted:
            return
        session.add(
            HoursRuleRow(
                id=ids.new_id(event.at),
                course_id=event.course_id,
                version=version,
                kind=wanted.kind,
                parameters=to_data(wanted),
                revision_id=event.revision_id,
                decided_by=event.decided_by,
                decided_at=event.at,
            )
        )
        session.flush()


def worth(session: Session, course_id: UUID) -> tuple[UUID, int]:
    """The rule that holds for a course now, and its hours in hundredths. Raises NoRule.

    By length each lecture counts by itself, as it was fixed when it was approved; a course is worth what they are together.
    """
    held = queries.newest_rule(session, course_id)
    if held is None:
        raise NoRule
    if held.rule.kind is RuleKind.FIXED:
        return held.id, held.rule.hours
    return held.id, sum(hours_for(length, held.rule) for _, _, length in catalogue.lecture_ids(session, course_id))
