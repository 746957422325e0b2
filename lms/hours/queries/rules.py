"""Reads the rules that say what a course is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from lms.hours.domain.rules import Rule, from_data
from lms.hours.models import HoursRuleRow
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class RuleVersion:
    """A stored rule, who decided it, and the revision whose approval fixed it; None where it was chosen on its own."""

    id: UUID
    course_id: UUID
    rule: Rule
    revision_id: UUID | None
    decided_by: UUID
    decided_at: datetime


def newest_rule(session: Session, course_id: UUID) -> RuleVersion | None:
    """The rule that holds for a course now, None before its first publication."""
    return newest_rules(session, [course_id]).get(course_id)


def newest_rules(session: Session, course_ids: Sequence[UUID]) -> dict[UUID, RuleVersion]:
    """The rules that hold now, by course; courses that were never published have none. One statement."""
    newest = (
        select(HoursRuleRow.course_id, func.max(HoursRuleRow.version).label("version"))
        .where(HoursRuleRow.course_id.in_(course_ids))
        .group_by(HoursRuleRow.course_id)
        .subquery()
    )
    rows = session.execute(
        select(*_COLUMNS).join(
            newest,
            and_(newest.c.course_id == HoursRuleRow.course_id, newest.c.version == HoursRuleRow.version),
        )
    )
    return {row[1]: _version(*tuple(row)) for row in rows}


def versions_of(session: Session, course_ids: Sequence[UUID]) -> tuple[RuleVersion, ...]:
    """Every version of the rules of some courses, the newest first. One statement."""
    rows = session.execute(
        select(*_COLUMNS).where(HoursRuleRow.course_id.in_(course_ids)).order_by(HoursRuleRow.version.desc())
    )
    return tuple(_version(*tuple(row)) for row in rows)


def rule(session: Session, rule_id: UUID) -> RuleVersion:
    """One version by its id. Raises NotFound."""
    row = session.execute(select(*_COLUMNS).where(HoursRuleRow.id == rule_id)).first()
    if row is None:
        raise NotFound
    return _version(*tuple(row))


_COLUMNS = (
    HoursRuleRow.id,
    HoursRuleRow.course_id,
    HoursRuleRow.version,
    HoursRuleRow.kind,
    HoursRuleRow.parameters,
    HoursRuleRow.revision_id,
    HoursRuleRow.decided_by,
    HoursRuleRow.decided_at,
)


def _version(
    rule_id: UUID,
    course_id: UUID,
    version: int,
    kind: str,
    parameters: Mapping[str, Any],
    revision_id: UUID | None,
    decided_by: UUID,
    decided_at: datetime,
) -> RuleVersion:
    return RuleVersion(rule_id, course_id, from_data(kind, version, parameters), revision_id, decided_by, decided_at)
