"""Brings the hashes that people are found by to another key, in bounded batches; `infra.sealing` does so for sealed columns."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.accounts.models import PersonRow
from lms.infra import crypto
from lms.infra.sealing import BATCH, in_batches, unseal


@dataclass(frozen=True)
class Reindexed:
    """What a run did to the index hashes; `swapped` ID numbers are now found under the key being rotated in.

    `clashes`: pairs of people on whom one ID number stands, the first of them left as they were.
    """

    filled: int
    swapped: int
    cleared: int
    mobiles: int
    unreadable: int
    rotating: bool
    clashes: tuple[tuple[UUID, UUID], ...] = ()


def reindex(*, batch: int = BATCH) -> Reindexed:
    """Brings the index hashes of ID numbers and mobile numbers to the key that settings ask for.

    While a next key is set, ID numbers get their hash under it in the second column, and when all have one it takes the
    first column's place; both columns then keep refusing a number that comes twice. Without a next key, hashes are made
    under the current key and the second column is emptied. A number that came twice all the same, while processes ran with
    other keys, stops nobody else's.
    """
    tally = dict.fromkeys(("filled", "swapped", "cleared", "mobiles", "unreadable"), 0)
    clashes: list[tuple[UUID, UUID]] = []

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

    def put_once(session: Session, row: Any, done: str, hashed: str | None, **values: str | None) -> None:
        try:
            with session.begin_nested():
                put(session, row, done, **values)
        except IntegrityError as error:
            if "id_number_hash" not in str(error.orig):
                raise
            stands = (PersonRow.id_number_hash == hashed) | (PersonRow.id_number_hash_next == hashed)
            others = session.execute(select(PersonRow.id).where(stands, PersonRow.id != row[0]).order_by(PersonRow.id))
            clashes.extend((row[0], other_id) for other_id in others.scalars())

    def fill(session: Session, row: Any) -> None:
        if (number := opened(row)) is not None:
            hashed = crypto.mac_next("id_number", number)
            put_once(session, row, "filled", hashed, id_number_hash_next=hashed)

    def swap(session: Session, row: Any) -> None:
        put_once(session, row, "swapped", row[1], id_number_hash=row[1])

    def settle(session: Session, row: Any) -> None:
        if (number := opened(row)) is not None:
            hashed = crypto.mac("id_number", number)
            put_once(session, row, "cleared", hashed, id_number_hash=hashed, id_number_hash_next=None)

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
        in_batches(fill, (sealed,), and_(sealed.is_not(None), second.is_(None)), batch)
        if not tally["unreadable"]:  # else some would be lost to the new key
            in_batches(swap, (second,), and_(second.is_not(None), first != second), batch)
    else:
        in_batches(settle, (sealed,), and_(sealed.is_not(None), second.is_not(None)), batch)
    in_batches(find_mobile, (PersonRow.mobile_sealed, PersonRow.mobile_hash), PersonRow.mobile_sealed != "", batch)
    return Reindexed(**tally, rotating=rotating, clashes=tuple(clashes))
