"""Joins two accounts of one person: the records of both stay as they are, and reads use both from then on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.accounts.events import people_joined
from lms.accounts.models import PersonRow
from lms.accounts.service import memberships, standing
from lms.accounts.service.holding import HeldPerson, hold, said
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict
from lms.notices import service as notices

ID_NUMBER = ("id_number_sealed", "id_number_hash", "id_number_hash_next")
IDENTITY = ("identity_level", "identity_at", "identity_by")
LEVELS = ("declared", "unit", "id_number")
"""How well it is known who somebody is, the weakest first."""


class SamePerson(Conflict):
    """An account can't be joined with itself."""

    code, title = "same_person", N_("请选择两个不同的账号")


class TwoPeople(Conflict):
    """Both have an ID number, and one number belongs to one person: these are two."""

    code, title = "two_people", N_("两个账号登记了不同的身份证号，不是同一个人，不能合并")


class OtherName(Conflict):
    """The names differ: what is proved of one name must not pass to another."""

    code, title = "other_name", N_("两个账号的姓名不同，请先更正姓名，确认是同一个人后再合并")


@dataclass(frozen=True)
class Joined:
    """Which account stays and which one is gone."""

    kept_id: UUID
    gone_id: UUID


def join(kept_id: UUID, gone_id: UUID, *, by: Staff, reason: str, now: datetime) -> Joined:
    """Makes `gone` an alias of `kept`: it signs in no more, and what it earned counts for the other.

    Double hours are reversed and certificates that both together earned are issued by who listens, in the same step.
    Raises NotFound (one of them outside `by`'s reach), OnOneself, PersonGone, SamePerson, TwoPeople, OtherName,
    Invalid, and what listeners raise (an exam is under way).
    """
    reason = said(reason)
    if kept_id == gone_id:
        raise SamePerson
    with unit_of_work() as session:
        held = {
            one: hold(session, one, by, account=True) for one in sorted((kept_id, gone_id))
        }  # in one order: no deadlock
        if held[kept_id].has_id_number and held[gone_id].has_id_number:
            raise TwoPeople
        if held[kept_id].name != held[gone_id].name:
            raise OtherName
        _hand_over_identity(session, held[kept_id], held[gone_id])
        session.execute(
            update(PersonRow)
            .where((PersonRow.id == gone_id) | (PersonRow.merged_into == gone_id))
            .values(merged_into=kept_id)
            .execution_options(synchronize_session=False)
        )
        memberships.end_all(session, gone_id, now=now)
        notices.hand_over(gone_id, kept_id)
        standing.retire(session, gone_id, reason=reason, now=now)
        audit.record(
            session,
            action="people.joined",
            object_type="person",
            object_id=kept_id,
            actor_id=by.person_id,
            details={"gone": str(gone_id), "reason": reason},
            now=now,
        )
        people_joined.send(kept_id=kept_id, gone_id=gone_id, at=now, actor_id=by.person_id, reason=reason)
    return Joined(kept_id, gone_id)


def _hand_over_identity(session: Session, kept: HeldPerson, gone: HeldPerson) -> None:
    """An ID number stands with one person only: it goes to who stays, and with it what it proved, if that is more."""
    if not gone.has_id_number:
        return
    stronger = LEVELS.index(gone.identity_level) > LEVELS.index(kept.identity_level)
    columns = [getattr(PersonRow, name) for name in (ID_NUMBER + IDENTITY if stronger else ID_NUMBER)]
    row = session.execute(select(*columns).where(PersonRow.id == gone.id)).one()
    session.execute(update(PersonRow).where(PersonRow.id == gone.id).values(dict.fromkeys(ID_NUMBER)))
    session.execute(
        update(PersonRow)
        .where(PersonRow.id == kept.id)
        .values({column.key: getattr(row, column.key) for column in columns})
    )
