"""Confirms who people are: a unit vouches for what its people told of themselves, for as long as it is true."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.accounts.domain.identity import BY_UNIT, DECLARED
from lms.accounts.domain.reach import Staff
from lms.accounts.events import identity_confirmed
from lms.accounts.models import PersonRow
from lms.accounts.service.holding import hold, said
from lms.audit import service as audit
from lms.infra import pinyin
from lms.infra.db import unit_of_work


def confirm(person_id: UUID, *, by: Staff, reason: str, now: datetime) -> bool:
    """Raises a declared identity to one that the unit confirmed; `reason` says how it was checked.

    False, and nothing is written, when it was confirmed before. Raises NotFound, OnOneself, PersonGone, MorePowerful, Invalid.
    """
    reason = said(reason)
    with unit_of_work() as session:
        person = hold(session, person_id, by, account=True)
        if person.identity_level != DECLARED:
            return False
        vouch(person_id, actor_id=by.person_id, reason=reason, now=now)
    return True


def vouch(person_id: UUID, *, actor_id: UUID | None, reason: str, now: datetime) -> None:
    """Writes that the unit confirmed a person, whatever stood before; `actor_id` is None where the platform is set up."""
    with unit_of_work() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == person_id)
            .values(identity_level=BY_UNIT, identity_at=now, identity_by=actor_id)
        )
        audit.record(
            session,
            action="identity.confirmed",
            object_type="person",
            object_id=person_id,
            actor_id=actor_id,
            details={"level": BY_UNIT, "reason": reason},
            now=now,
        )
        identity_confirmed.send(person_id=person_id, at=now)


def rename(session: Session, person_id: UUID, name: str, *, now: datetime) -> None:
    """Writes another name in the running unit of work: whoever confirmed the old one has to confirm the new one."""
    values = {
        "name": name,
        "named_at": now,
        "name_key": pinyin.key_of(name, person=True),
        "initials": pinyin.initials_of(name, person=True),
        "identity_level": DECLARED,
        "identity_at": None,
        "identity_by": None,
    }
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(**values))
