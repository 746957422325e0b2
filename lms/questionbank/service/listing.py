"""Writes a bank out for people; keys leave the platform by this, so it is in the record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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
        items = each_code_once([one.item for one in queries.bank_items(session, bank_code, newest=MOST_EXPORTED)])
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


def each_code_once(items: Sequence[ExchangeItem]) -> list[ExchangeItem]:
    """A draft takes the place of the published item with its code: the newer words."""
    last = {item.ref: position for position, item in enumerate(items) if item.ref}
    return [item for position, item in enumerate(items) if last.get(item.ref, position) == position]
