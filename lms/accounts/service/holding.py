"""Holds a person for a change: whoever else wants to change them waits, and only who may act on them gets them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.accounts.service.reaching import MorePowerful
from lms.infra.db import for_update
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers

LONGEST_REASON = 200


class OnOneself(Forbidden):
    """Nobody decides about themselves as staff."""

    code, title = "on_oneself", N_("不能对自己进行此操作，请由其他管理员办理")


class PersonGone(Conflict):
    """The person was joined with another one, or has left."""

    code, title = "person_gone", N_("此人员的账号已合并或已注销，不能再更改")


@dataclass(frozen=True)
class HeldPerson:
    """A person whom nobody else changes until the unit of work ends."""

    id: UUID
    name: str
    unit_id: UUID
    unit_path: str
    identity_level: str
    has_id_number: bool
    named_at: datetime | None


def hold(session: Session, person_id: UUID, by: Staff | None, *, account: bool = False) -> HeldPerson:
    """Locks a person for `by` (None: the platform itself). `account`: the act decides about their account, and nobody
    decides about the account of `by` meanwhile.

    Order of locks, for whoever needs several: people by id, units by id, accounts, roles, the turn of the last administrators.

    Raises NotFound, alike outside `by`'s reach and for nobody; OnOneself; PersonGone; MorePowerful for an account whose
    roles `by` could not give.
    """
    if account and by is not None:
        queries.lock_person(session, by.person_id, person_id)
    row = session.execute(
        for_update(
            select(
                PersonRow.id,
                PersonRow.name,
                PersonRow.named_at,
                PersonRow.unit_id,
                PersonRow.unit_path,
                PersonRow.identity_level,
                PersonRow.id_number_hash,
                PersonRow.merged_into,
                PersonRow.closed_at,
            ).where(PersonRow.id == person_id),
            referable=True,
        )
    ).first()
    if row is None or (by is not None and not by.reaches(row.unit_path)):
        raise NotFound
    if by is not None and by.person_id == person_id:
        raise OnOneself
    if row.merged_into is not None or row.closed_at is not None:
        raise PersonGone
    if account and by is not None and by.outranks is not None and not by.outranks(by.person_id, person_id):
        raise MorePowerful
    return HeldPerson(
        id=row.id,
        name=row.name,
        unit_id=row.unit_id,
        unit_path=row.unit_path,
        identity_level=row.identity_level,
        has_id_number=row.id_number_hash is not None,
        named_at=row.named_at,
    )


def said(reason: str) -> str:
    """The reason that an act was given. Raises Invalid when there is none, or one that holds a number."""
    if not reason.strip():
        raise Invalid(fields={"reason": N_("请写明理由")})
    refuse_numbers(reason=reason)
    return reason.strip()[:LONGEST_REASON]


def day_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(SHANGHAI).date()
