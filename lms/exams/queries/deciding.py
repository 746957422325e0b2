"""Reads what waits in exams for a second person to decide on: make-up sittings, and more time for who is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, not_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.classes.models import TrainingClassRow
from lms.exams.domain.watching import LAPSES_AFTER, RequestState
from lms.exams.models import AllowanceRequestRow, AttemptRow, ExamRow, SittingRequestRow
from lms.exams.queries.starting import sitting
from lms.infra.db import second
from lms.infra.subtrees import within
from lms.organisations.models import UnitRow

_owner, _kept, _asker = second(PersonRow), second(PersonRow), second(PersonRow)


@dataclass(frozen=True)
class ToDecide:
    """A request that waits; `amount` is its attempts or minutes. `person_id` is None and `name` "" where it is for everybody at work."""

    id: UUID
    class_id: UUID
    class_name: str
    exam_id: UUID
    person_id: UUID | None
    name: str
    amount: int
    reason: str
    asker: str
    asked_at: datetime


def sittings(session: Session, scopes: Sequence[str], decider_id: UUID, *, limit: int) -> tuple[ToDecide, ...]:
    """Make-up sittings that this person may decide on as the second one in classes of some subtrees, the oldest first. One statement."""
    asked = SittingRequestRow
    found = _requests(asked, asked.person_id, asked.attempts, scopes, decider_id).where(
        asked.state == "asked", asked.person_id.not_in(aliases(decider_id))
    )
    return _listed(session, found.join(_owner, _owner.id == asked.person_id), asked.id, limit)


def more_time(
    session: Session, scopes: Sequence[str], decider_id: UUID, *, now: datetime, limit: int
) -> tuple[ToDecide, ...]:
    """More time that this person may confirm as the second one and that has not lapsed, the oldest first. One statement."""
    asked = AllowanceRequestRow
    found = (
        _requests(asked, AttemptRow.person_id, asked.minutes, scopes, decider_id)
        .outerjoin(AttemptRow, AttemptRow.id == asked.attempt_id)
        .outerjoin(_owner, _owner.id == AttemptRow.person_id)
        .where(asked.state == RequestState.ASKED.value, asked.asked_at >= now - LAPSES_AFTER)
    )
    return _listed(session, found, asked.asked_at, limit)


def _requests(
    asked: type[SittingRequestRow] | type[AllowanceRequestRow],
    person_id: Any,
    amount: Any,
    scopes: Sequence[str],
    decider_id: UUID,
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            asked.id,
            TrainingClassRow.id,
            TrainingClassRow.name,
            asked.exam_id,
            person_id,
            func.coalesce(_kept.name, ""),
            amount,
            asked.reason,
            _asker.name,
            asked.asked_at,
        )
        .select_from(asked)
        .join(ExamRow, ExamRow.id == asked.exam_id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .join(_asker, _asker.id == asked.asked_by)
        .where(within(UnitRow.path, scopes), asked.asked_by.not_in(aliases(decider_id)), not_(sitting(decider_id)))
    )


def _listed(session: Session, found: Select[*tuple[Any, ...]], order: Any, limit: int) -> tuple[ToDecide, ...]:
    kept = found.outerjoin(_kept, _kept.id == func.coalesce(_owner.merged_into, _owner.id))
    return tuple(ToDecide(*row) for row in session.execute(kept.order_by(order).limit(limit)))
