"""Requests of people who did not find their unit: asked at registration, settled or declined by an administrator."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, tells_a_number
from lms.kernel.scope import covers
from lms.organisations import events, queries
from lms.organisations.domain import ranks
from lms.organisations.models import UnitRequestRow
from lms.organisations.service import rules
from lms.organisations.service.founding import found
from lms.organisations.service.rules import Act, AlreadyClosed

OUTSIDE = N_("所选单位不在申请人填写的上级工会之内")
COMMENT_NEEDED = N_("请写明理由")


class AlreadySettled(Conflict):
    """Somebody has decided on this request."""

    code, title = "request_settled", N_("这份申请已经处理过了")


def ask(person_id: UUID, parent_id: UUID, name: str, *, now: datetime) -> UUID:
    """Records that a person did not find their unit. Returns the request's id. Raises WrongName, AlreadyClosed, NotFound."""
    with unit_of_work() as session:
        parent = queries.held_unit(session, parent_id)
        if parent.state != "open" or not ranks.has_units_below(parent.kind):
            raise AlreadyClosed
        request_id = ids.new_id(now)
        session.add(
            UnitRequestRow(
                id=request_id,
                person_id=person_id,
                parent_id=parent.id,
                name=rules.checked_name(name),
                asked_at=now,
            )
        )
        session.flush()
        _audit(session, "unit_request.asked", request_id, person_id, {"parent": str(parent.id)}, now)
    return request_id


def settle(
    request_id: UUID,
    *,
    unit_id: UUID | None,
    name: str = "",
    kind: str = "unit",
    uscc: str | None = None,
    reach: tuple[str, ...],
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Settles a request with a unit that exists, or (unit_id None) with a new one below the union that was named, which lies
    in `reach`.

    Who has left that union meanwhile stays where they are. Returns the unit's id. Raises AlreadySettled, Invalid (a unit
    outside that union), AlreadyClosed, WrongPlace, WrongName, NameTaken, CodeTaken, NotFound, and what listeners raise.
    """
    with unit_of_work() as session:
        rules.lock_tree(session)
        row, parent = _open_request(session, request_id, reach)
        if unit_id is None:
            if parent.state != "open":
                raise AlreadyClosed
            act = Act(actor_id, "", now, reach)
            unit = found(session, parent, name=name, kind=kind, code="", uscc=uscc, act=act)
        else:
            unit = queries.unit(session, unit_id)
            if unit.state != "open":
                raise AlreadyClosed
            if not covers(parent.path, unit.path) or unit.kind == "national":
                raise Invalid(fields={"unit_id": OUTSIDE})
        _decide(session, row, state="settled", unit_id=unit.id, actor_id=actor_id, now=now)
        events.settled(row.person_id, unit.id, parent_path=parent.path, at=now, actor_id=actor_id)
    return unit.id


def decline(
    request_id: UUID,
    *,
    comment: str,
    reach: tuple[str, ...],
    actor_id: UUID,
    now: datetime,
) -> None:
    """Turns a request down with a reason; the person stays with the union they named. Raises AlreadySettled, Invalid, NotFound."""
    comment = comment.strip()
    if not comment or len(comment) > rules.MAX_REASON:
        raise Invalid(fields={"comment": COMMENT_NEEDED})
    if tells_a_number(comment):
        raise Invalid(fields={"comment": NO_NUMBERS})
    with unit_of_work() as session:
        rules.lock_tree(session)
        row, _parent = _open_request(session, request_id, reach)
        _decide(session, row, state="declined", comment=comment, actor_id=actor_id, now=now)


def _open_request(session: Session, request_id: UUID, reach: tuple[str, ...]) -> tuple[UnitRequestRow, queries.Unit]:
    """A request under the tree's lock, and the union that it names."""
    row = session.execute(
        for_update(select(UnitRequestRow).where(UnitRequestRow.id == request_id))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    parent = queries.scoped_unit(session, row.parent_id, reach)
    if row.state != "open":
        raise AlreadySettled
    return row, parent


def _decide(
    session: Session,
    row: UnitRequestRow,
    *,
    state: str,
    unit_id: UUID | None = None,
    comment: str = "",
    actor_id: UUID,
    now: datetime,
) -> None:
    session.execute(
        update(UnitRequestRow)
        .where(UnitRequestRow.id == row.id)
        .values(state=state, unit_id=unit_id, comment=comment, decided_at=now, decided_by=actor_id)
        .execution_options(synchronize_session=False)
    )
    details = {"unit": str(unit_id)} if unit_id else {"comment": comment}
    _audit(session, f"unit_request.{state}", row.id, actor_id, details, now)


def _audit(
    session: Session, action: str, request_id: UUID, actor_id: UUID, details: dict[str, str], now: datetime
) -> None:
    audit.record(
        session,
        action=action,
        object_type="unit_request",
        object_id=request_id,
        actor_id=actor_id,
        details=details,
        now=now,
    )
