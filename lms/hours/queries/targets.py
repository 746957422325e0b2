"""Reads sets of targets, and whom they ask for what."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.hours.domain.targets import PLAN, Cadre, Ledger, Requirement, Span, TargetSet
from lms.hours.models import HoursTargetSetRow


def target_sets(session: Session) -> tuple[TargetSet, ...]:
    """All sets by version: the national plan that the platform brings, and those that were decided later."""
    rows = session.execute(
        select(
            HoursTargetSetRow.version,
            HoursTargetSetRow.title,
            HoursTargetSetRow.first_year,
            HoursTargetSetRow.last_year,
            HoursTargetSetRow.parameters,
        ).order_by(HoursTargetSetRow.version)
    )
    return (PLAN, *(_set(*row) for row in rows))


def cadre(session: Session, person_id: UUID) -> Cadre:
    """What targets ask of a person depends on. One statement. Raises NotFound."""
    return _cadre(accounts.cadre_facts(session, person_id))


def cadres(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, Cadre]:
    """What targets ask of some people depends on. One statement."""
    return {one: _cadre(facts) for one, facts in accounts.facts_of_cadres(session, person_ids).items()}


def _cadre(facts: accounts.CadreFacts) -> Cadre:
    known = [day for day in (facts.appointed_on, facts.listed_on) if day is not None]
    return Cadre(facts.category, facts.appointed_on, min(known) if facts.appointed_on else None)


def _set(version: int, title: str, first_year: int, last_year: int, parameters: Mapping[str, Any]) -> TargetSet:
    requirements = tuple(
        Requirement(Ledger(one["ledger"]), Span(one["span"]), one["hours"], frozenset(one["categories"]))
        for one in parameters["requirements"]
    )
    return TargetSet(version, title, first_year, last_year, requirements, parameters["pro_rata"])
