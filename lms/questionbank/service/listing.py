"""Writes a bank out for people; keys leave the platform by this, so it is in the record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import reading, unit_of_work
from lms.questionbank import queries
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.service.files import write_file

MOST_EXPORTED = 20_000


def export_bank(bank_code: str, format: Format, *, actor_id: UUID, now: datetime) -> bytes:
    """The published items of a bank and its imported drafts as a file. Raises NotCarried naming what the format cannot say."""
    with reading() as session:
        items = exported_items(session, bank_code)
    data = write_file(items, format)
    with unit_of_work() as session:
        audit.record(
            session,
            action="items.exported",
            object_type="bank",
            object_id=bank_code,
            actor_id=actor_id,
            details={"items": len(items), "format": format.value},
            now=now,
        )
    return data


def exported_items(session: Session, bank_code: str) -> list[ExchangeItem]:
    """What a file of the bank holds, pictures with their bytes. A draft takes the place of the published item with its code."""
    found = queries.bank_items(session, bank_code, newest=MOST_EXPORTED)
    whole = queries.with_bytes(session, {one.version_id: one.item for one in found})
    items = [whole[one.version_id] for one in found]
    last = {item.ref: position for position, item in enumerate(items) if item.ref}
    return [item for position, item in enumerate(items) if last.get(item.ref, position) == position]
