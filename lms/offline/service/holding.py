"""Holds a training until the unit of work ends, and writes its changes with their mark and record."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.audit import service as audit
from lms.infra.db import for_update, insert_into
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.offline import queries
from lms.offline.domain.facts import Facts
from lms.offline.domain.workflow import Act, State, after
from lms.offline.models import OutsideHandRow, OutsideTrainingRow

NAMED = 5
"""So many people are named who may not stay on a list."""
ELSEWHERE = N_("培训结束那天，名单中有人已不在本单位及下级单位工作：%(names)s。请核对结束日期，或把他们移出名单")


class NotNow(Conflict):
    """The state of the training does not allow it any more."""

    code, title = "training_state", N_("这项培训的状态已经变化，现在不能这样操作")


def held(session: Session, training_id: UUID, by: Staff) -> OutsideTrainingRow:
    """A training in somebody's reach, locked. Raises NotFound."""
    row = session.execute(for_update(select(OutsideTrainingRow).where(OutsideTrainingRow.id == training_id))).scalar()
    if row is None or not by.reaches(row.unit_path):
        raise NotFound
    return row


def led_to(row: OutsideTrainingRow, act: Act) -> State:
    """The state that an act leads to from the training's own. Raises NotNow."""
    state = after(State(row.state), act)
    if state is None:
        raise NotNow
    return state


def lay_hand(session: Session, training_id: UUID, person_id: UUID) -> None:
    """Remembers that somebody had a hand in a training: they don't decide it."""
    values = {"training_id": training_id, "person_id": person_id}
    session.execute(insert_into(OutsideHandRow).values(values).on_conflict_do_nothing())


def facts_of(row: OutsideTrainingRow) -> Facts:
    """What was entered."""
    return Facts(row.source, row.ledger, row.title, row.organiser, row.from_on, row.until_on, row.hours)


def refuse_elsewhere(session: Session, row: OutsideTrainingRow, now: datetime) -> None:
    """Raises Invalid naming those whose hours would be another union's: on the last day they worked elsewhere, and do now."""
    day = min(row.until_on, today_of(now))
    names = queries.elsewhere(session, row.id, row.unit_path, day, limit=NAMED)
    if names:
        raise Invalid(fields={"until_on": ELSEWHERE}, extra={"names": "、".join(names)})


def today_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(SHANGHAI).date()


def write(
    session: Session,
    training_id: UUID,
    action: str,
    *,
    by: UUID,
    now: datetime,
    details: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Changes a held training; the change is marked as official and recorded."""
    if values:
        session.execute(
            update(OutsideTrainingRow)
            .where(OutsideTrainingRow.id == training_id)
            .values(values)
            .execution_options(synchronize_session="fetch")
        )
        audit.mark_again(session, OutsideTrainingRow, training_id)
    note(session, training_id, action, by=by, now=now, details=details)


def note(
    session: Session, training_id: UUID, action: str, *, by: UUID, now: datetime, details: dict[str, Any] | None = None
) -> None:
    """Records an act on a training."""
    audit.record(
        session,
        action=f"hours.{action}",
        object_type="outside_training",
        object_id=training_id,
        actor_id=by,
        details=details,
        now=now,
    )
