"""One act on several people, for all of them or for none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.service import identity, memberships, plans, standing
from lms.accounts.service.holding import day_of
from lms.accounts.service.memberships import NotPossible
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Invalid

MOST = 200
CONFIRM = "confirm"
ACTS = (CONFIRM, "move", "disable")


@dataclass(frozen=True)
class Order:
    """What is done to whom; `unit_id` and `from_on` only of a move."""

    act: str
    person_ids: Sequence[UUID]
    reason: str
    unit_id: UUID | None = None
    from_on: date | None = None


def run(order: Order, *, by: Staff, now: datetime) -> int:
    """Does it to everybody; whoever it was done to before stays as they are. Returns how many were changed.

    Raises Invalid (nobody, too many, no unit), and whatever the act raises for one of them: then nobody is changed.
    """
    people = sorted(set(order.person_ids))
    if order.act not in ACTS or not people or len(people) > MOST:
        raise Invalid(fields={"person": N_("请选择 1 至 200 人")})
    with unit_of_work() as session:
        queries.lock_person(session, by.person_id, *people)  # all before what is locked for the first of them
        if order.act == "move" and order.unit_id is not None:
            plans.held_units(session, people, [order.unit_id], today=day_of(now))
        return sum(_one(order, person_id, by, now) for person_id in people)


def _one(order: Order, person_id: UUID, by: Staff, now: datetime) -> bool:
    if order.act == CONFIRM:
        return identity.confirm(person_id, by=by, reason=order.reason, now=now)
    if order.act == "disable":
        return standing.disable(person_id, by=by, reason=order.reason, now=now)
    if order.unit_id is None or order.from_on is None:
        raise Invalid(fields={"unit": N_("请查找并选择单位")})
    try:
        memberships.move(person_id, order.unit_id, from_on=order.from_on, by=by, reason=order.reason, now=now)
    except NotPossible as refused:
        if refused.fields == {"unit": memberships.FIELDS["same_unit"][1]}:
            return False
        raise
    return True
