"""Reads the rules that say what a course is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.hours.domain.rules import Rule, RuleKind, Step
from lms.hours.models import HoursRuleRow


@dataclass(frozen=True)
class RuleVersion:
    """A stored rule."""

    id: UUID
    rule: Rule


def newest_rule(session: Session, course_id: UUID) -> RuleVersion | None:
    """The rule that holds for a course now, None before its first publication."""
    row = session.execute(
        select(HoursRuleRow.id, HoursRuleRow.version, HoursRuleRow.kind, HoursRuleRow.parameters)
        .where(HoursRuleRow.course_id == course_id)
        .order_by(HoursRuleRow.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return RuleVersion(row.id, _rule(row.kind, row.version, row.parameters))


def _rule(kind: str, version: int, parameters: Mapping[str, Any]) -> Rule:
    steps = tuple(Step(step["from_ms"], step["hours"]) for step in parameters.get("steps", ()))
    return Rule(RuleKind(kind), version, **{**parameters, "steps": steps})
