"""Decides sets of targets; each is a further version and none is ever changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from lms.audit import service as audit
from lms.hours import queries
from lms.hours.domain.targets import Ledger, Requirement, Span, TargetSet
from lms.hours.models import HoursTargetSetRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import NO_NUMBERS_HERE, refuse_numbers

CATEGORIES = frozenset({"division", "section", "socialised", "enterprise", "other"})
UNREADABLE = N_("目标文件不完整或有误，请对照文档中的示例")


def decide_targets(given: Mapping[str, Any], *, actor_id: UUID, now: datetime) -> int:
    """Stores a set of targets: title, first_year, last_year, pro_rata, requirements of {ledger, span, hours, categories}.

    Hours are whole 学时 or halves and the like, at most two decimals. Returns the version. Raises Invalid.
    """
    with unit_of_work() as session:
        version = max(one.version for one in queries.target_sets(session)) + 1
        found = _read(given, version)
        session.add(
            HoursTargetSetRow(
                id=ids.new_id(now),
                version=version,
                title=found.title,
                first_year=found.first_year,
                last_year=found.last_year,
                parameters={
                    "pro_rata": found.pro_rata,
                    "requirements": [
                        {
                            "ledger": one.ledger,
                            "span": one.span,
                            "hours": one.hours,
                            "categories": sorted(one.categories),
                        }
                        for one in found.requirements
                    ],
                },
                decided_by=actor_id,
                decided_at=now,
            )
        )
        session.flush()
        audit.record(
            session,
            action="hours.targets_decided",
            object_type="hours_target_set",
            object_id=str(version),
            actor_id=actor_id,
            details={"title": found.title, "years": [found.first_year, found.last_year]},
            now=now,
        )
        return version


def _read(given: Mapping[str, Any], version: int) -> TargetSet:
    try:
        requirements = tuple(
            Requirement(
                Ledger(one["ledger"]), Span(one["span"]), round(float(one["hours"]) * 100), frozenset(one["categories"])
            )
            for one in given["requirements"]
        )
        title = str(given["title"]).strip()[:200]
        found = TargetSet(
            version, title, int(given["first_year"]), int(given["last_year"]), requirements, bool(given["pro_rata"])
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Invalid(fields={"file": UNREADABLE}) from error
    refuse_numbers(NO_NUMBERS_HERE, file=title)
    unknown = {name for one in found.requirements for name in one.categories} - CATEGORIES
    if not title or not requirements or unknown or not 2000 <= found.first_year <= found.last_year <= 2999:
        raise Invalid(fields={"file": UNREADABLE})
    return found
