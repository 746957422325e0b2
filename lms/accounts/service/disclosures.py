"""Keeps a record of personal data that left the platform (条例 12); records are never changed and never deleted."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lms.accounts.domain import fieldregister
from lms.accounts.models import DisclosureRow
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import NO_NUMBERS_HERE, tells_a_number
from lms.organisations import queries as organisations


def record(
    receiver: str,
    purpose: str,
    fields: Iterable[str],
    persons: int,
    unit_path: str,
    actor: UUID,
    now: datetime,
) -> UUID:
    """Notes who received which fields (names of the field register) of how many people of a subtree, and what for.

    Belongs into the unit of work that makes the export. Returns the record's id. Raises Invalid for an empty receiver or
    purpose and for a number in one of them, ValueError for a field that the register does not know.
    """
    names = sorted(set(fields))
    if not fieldregister.known(names):
        raise ValueError("a disclosed field has no row in the field register")
    empty = {
        name: N_("请填写此项") for name, text in (("receiver", receiver), ("purpose", purpose)) if not text.strip()
    }
    told = {
        name: NO_NUMBERS_HERE for name, text in (("receiver", receiver), ("purpose", purpose)) if tells_a_number(text)
    }
    if wrong := told | empty:
        raise Invalid(fields=wrong)
    disclosure_id = ids.new_id(now)
    with unit_of_work() as session:
        units = organisations.at_paths(session, [unit_path])
        session.add(
            DisclosureRow(
                id=disclosure_id,
                at=now,
                actor_id=actor,
                receiver=receiver.strip()[:120],
                purpose=purpose.strip()[:200],
                fields=names,
                persons=persons,
                unit_path=unit_path,
                unit_id=units[0].id if units else None,
            )
        )
        session.flush()
        audit.record(
            session,
            action="personal_data.disclosed",
            object_type="disclosure",
            object_id=disclosure_id,
            actor_id=actor,
            details={"fields": names, "persons": persons},
            now=now,
        )
    return disclosure_id
