"""Reads files of items that were read and wait to be confirmed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.infra.db import for_update
from lms.kernel.errors import NotFound
from lms.questionbank.domain.exchangedata import from_data
from lms.questionbank.domain.formats.outcome import Fault, ReadItem
from lms.questionbank.models import ItemImportRow


@dataclass(frozen=True)
class WaitingFile:
    """A file of items as it was read; `warnings` of likeness to the bank are among those of the items."""

    id: UUID
    bank_code: str
    file_name: str
    format: str
    state: str
    items: tuple[ReadItem, ...]
    faults: tuple[Fault, ...]


def waiting_file(session: Session, import_id: UUID, actor_id: UUID, *, lock: bool = False) -> WaitingFile:
    """A file that this person read. Raises NotFound, for another's as for none."""
    found = select(ItemImportRow).where(ItemImportRow.id == import_id, ItemImportRow.actor_id == actor_id)
    row = session.execute(for_update(found) if lock else found).scalar()
    if row is None:
        raise NotFound
    return WaitingFile(
        row.id,
        row.bank_code,
        row.file_name,
        row.format,
        row.state,
        tuple(ReadItem(from_data(item), where, tuple(warnings)) for item, where, warnings in row.items),
        tuple(Fault(where, message) for where, message in row.faults),
    )
