"""Rotates the keys of personal fields in bounded batches: what was killed in the middle is taken up by the next run.

Every batch is one commit and chooses its rows by what still has to be done, so no progress needs to be stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.accounts.models import AccountRow, CorrectionRow, PersonRow
from lms.infra import crypto
from lms.infra.db import for_update, unit_of_work
from lms.infra.sealing import seal, unseal

SEALED: tuple[InstrumentedAttribute[Any], ...] = (
    PersonRow.mobile_sealed,
    PersonRow.mail_sealed,
    PersonRow.id_number_sealed,
    AccountRow.totp_sealed,
    CorrectionRow.old_sealed,
    CorrectionRow.new_sealed,
)
"""Every column that holds tokens of infra.crypto."""
BATCH = 500


@dataclass
class Count:
    """What was done to one column: rows changed, and rows whose token no key at hand opens."""

    column: str
    changed: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class Reindexed:
    """What a run did to the index hashes; `swapped` ID numbers are now found under the key being rotated in."""

    filled: int
    swapped: int
    cleared: int
    mobiles: int
    unreadable: int
    rotating: bool


def rotate(*, batch: int = BATCH) -> tuple[Count, ...]:
    """Seals every token of an older key, or bound to no place, with the current key and to its place.

    An unreadable token stays as it is, and is counted.
    """
    return tuple(_rotate_column(column, batch) for column in SEALED)


def _rotate_column(column: InstrumentedAttribute[Any], batch: int) -> Count:
    table = column.class_
    count = Count(f"{table.__tablename__}.{column.key}")
    foreign = and_(column != "", ~column.startswith(crypto.current_beginning(), autoescape=True))

    def reseal(session: Session, row: Any) -> None:
        try:
            fresh = seal(column, row[0], unseal(column, row[0], row[1]))
        except crypto.CryptoFault:
            count.unreadable += 1
            return
        session.execute(
            update(table)
            .where(table.id == row[0], column == row[1])
            .values({column.key: fresh})
            .execution_options(synchronize_session=False)
        )
        count.changed += 1

    _batches(reseal, (column,), foreign, batch)
    return count


def reindex(*, batch: int = BATCH) -> Reindexed:
    """Brings the index hashes of ID numbers and mobile numbers to the key that settings ask for.

    While a next key is set, ID numbers get their hash under it in the second column, and when all have one it takes the
    first column's place; both columns then keep refusing a number that comes twice. Without a next key, hashes are made
    under the current key and the second column is emptied.
    """
    tally = dict.fromkeys(("filled", "swapped", "cleared", "mobiles", "unreadable"), 0)

    def opened(row: Any, column: InstrumentedAttribute[Any] = PersonRow.id_number_sealed) -> str | None:
        try:
            return unseal(column, row[0], row[1])
        except crypto.CryptoFault:
            tally["unreadable"] += 1
            return None

    def put(session: Session, row: Any, done: str, **values: str | None) -> None:
        changed = session.execute(
            update(PersonRow)
            .where(PersonRow.id == row[0])
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        tally[done] += changed.rowcount  # type: ignore[attr-defined]  # an UPDATE's result has it

    def fill(session: Session, row: Any) -> None:
        if (number := opened(row)) is not None:
            put(session, row, "filled", id_number_hash_next=crypto.mac_next("id_number", number))

    def swap(session: Session, row: Any) -> None:
        put(session, row, "swapped", id_number_hash=row[1])

    def settle(session: Session, row: Any) -> None:
        if (number := opened(row)) is not None:
            put(session, row, "cleared", id_number_hash=crypto.mac("id_number", number), id_number_hash_next=None)

    def find_mobile(session: Session, row: Any) -> None:
        number = opened(row, PersonRow.mobile_sealed)
        if not number:  # purged, or never known
            return
        wanted = crypto.mac_next("mobile", number) or crypto.mac("mobile", number)
        if wanted != row[2]:
            put(session, row, "mobiles", mobile_hash=wanted)

    sealed, first, second = PersonRow.id_number_sealed, PersonRow.id_number_hash, PersonRow.id_number_hash_next
    rotating = crypto.mac_next("id_number", "") is not None
    if rotating:
        _batches(fill, (sealed,), and_(sealed.is_not(None), second.is_(None)), batch)
        if not tally["unreadable"]:  # else some would be lost to the new key
            _batches(swap, (second,), and_(second.is_not(None), first != second), batch)
    else:
        _batches(settle, (sealed,), and_(sealed.is_not(None), second.is_not(None)), batch)
    _batches(find_mobile, (PersonRow.mobile_sealed, PersonRow.mobile_hash), PersonRow.mobile_sealed != "", batch)
    return Reindexed(**tally, rotating=rotating)


def _batches(
    change: Callable[[Session, Any], None], columns: tuple[InstrumentedAttribute[Any], ...], todo: Any, batch: int
) -> None:
    """Calls `change` with each row (id, columns…) that `todo` still holds for, a batch to a commit, in the order of ids."""
    table = columns[0].class_
    after: UUID | None = None
    while True:
        with unit_of_work() as session:
            later = todo if after is None else and_(todo, table.id > after)
            rows = session.execute(
                for_update(select(table.id, *columns).where(later).order_by(table.id).limit(batch))
            ).all()
            for row in rows:
                change(session, row)
        if len(rows) < batch:
            return
        after = rows[-1][0]
