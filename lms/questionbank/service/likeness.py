"""Keeps the index of what is alike: each version is compared once, with the few that share a piece of its sketch."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, select, union_all, update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.formats.duplicates import Said, likeness_of, said
from lms.questionbank.domain.sketch import sketch
from lms.questionbank.domain.thresholds import THRESHOLDS
from lms.questionbank.models import ItemPieceRow, ItemTwinRow, ItemVersionRow
from lms.questionbank.queries.items import no_lectures_draft, whole
from lms.questionbank.service.versions import forget_likeness

LED_TO = 100
"""Versions that one piece leads to: what more of them share is a turn of phrase."""
COMPARED = 30
AT_ONCE = 100


@dataclass(frozen=True)
class Like:
    """A version that says nearly the same; likeness in per cent."""

    version_id: UUID
    ref: str
    likeness: int


def alike_to(session: Session, bank_code: str, item: ExchangeItem, *, but_item: UUID | None = None) -> tuple[Like, ...]:
    """The items of a bank that say nearly what this one says, the likest first; drafts of lectures are not told.

    Two statements whatever the bank's size: each of twelve pieces leads to at most LED_TO versions, COMPARED are compared.
    """
    return _alike(session, bank_code, said(item), but_item, no_lectures_draft())


def compare_some() -> int:
    """Compares the next AT_ONCE versions that wait for it. Returns how many."""
    with reading() as session:
        waiting = (
            session.execute(select(ItemVersionRow.id).where(ItemVersionRow.compared.is_(False)).limit(AT_ONCE))
            .scalars()
            .all()
        )
    for version_id in waiting:
        with unit_of_work() as session:
            compare(session, version_id)
    return len(waiting)


def both_wanted(version_id: UUID, other_id: UUID, bank_code: str, *, actor_id: UUID, now: datetime) -> None:
    """Somebody looked at two likely duplicates and wants both; they are listed no more. Raises NotFound."""
    with unit_of_work() as session:
        done = session.execute(
            update(ItemTwinRow)
            .where(
                ItemTwinRow.version_id == version_id,
                ItemTwinRow.other_id == other_id,
                ItemTwinRow.bank_code == bank_code,
            )
            .values(wanted_by=actor_id)
            .returning(ItemTwinRow.version_id)
        ).first()
        if done is None:
            raise NotFound
        audit.record(
            session,
            action="item.twins_wanted",
            object_type="bank",
            object_id=bank_code,
            actor_id=actor_id,
            details={"version": str(version_id), "other": str(other_id)},
            now=now,
        )


def compare(session: Session, version_id: UUID) -> None:
    """Looks for what is like a version, remembers it, and puts the version into the index; once for each text, for of two who do
    so at once the second waits and finds it done."""
    asked = for_update(select(ItemVersionRow).where(ItemVersionRow.id == version_id), referable=True)
    row = session.execute(asked.execution_options(populate_existing=True)).scalar()
    if row is None or row.compared:
        return
    says = said(whole(row))
    forget_likeness(session, [version_id])
    for like in _alike(session, row.bank_code, says, row.item_id):
        session.add(
            ItemTwinRow(
                version_id=version_id, other_id=like.version_id, bank_code=row.bank_code, likeness=like.likeness
            )
        )
    pieces = sketch(says.whole)
    if pieces:
        session.execute(
            insert(ItemPieceRow),
            [{"bank_code": row.bank_code, "piece": piece, "version_id": version_id} for piece in pieces],
        )
    session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(compared=True))


def _alike(
    session: Session, bank_code: str, says: Said, but_item: UUID | None, *wanted: ColumnElement[bool]
) -> tuple[Like, ...]:
    pieces = sketch(says.whole)
    if not pieces:
        return ()
    leads = union_all(*(_led_to(bank_code, piece) for piece in pieces)).subquery()
    shared = func.count()
    candidates = (
        select(leads.c.version_id)
        .group_by(leads.c.version_id)
        .order_by(shared.desc(), leads.c.version_id)
        .limit(COMPARED)
    )
    ids = session.execute(candidates).scalars().all()
    rows = session.execute(
        select(ItemVersionRow).where(ItemVersionRow.id.in_(ids), ItemVersionRow.state != "withdrawn", *wanted)
    ).scalars()
    found = [
        Like(row.id, row.ref, min(100, round(100 * value)))
        for row in rows
        if row.item_id != but_item and (value := likeness_of(said(whole(row)), says)) >= THRESHOLDS.near_duplicate
    ]
    return tuple(sorted(found, key=lambda like: (-like.likeness, like.ref)))


def _led_to(bank_code: str, piece: int) -> Select[UUID]:
    led = (
        select(ItemPieceRow.version_id)
        .where(ItemPieceRow.bank_code == bank_code, ItemPieceRow.piece == piece)
        .limit(LED_TO)
        .subquery()
    )
    return select(led.c.version_id)
