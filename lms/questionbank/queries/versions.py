"""Reads one item with all its versions, what happened to them, and what waits for a reviewer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.infra.db import for_update
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.moderation.domain.workflow import Level
from lms.moderation.models import RevisionRow
from lms.organisations.models import UnitRow
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.models import BankRow, ItemEventRow, ItemFlagRow, ItemSignalRow, ItemVersionRow
from lms.questionbank.queries.banks import NAME
from lms.questionbank.queries.items import no_lectures_draft, whole


@dataclass(frozen=True)
class VersionOfItem:
    """A version with everything; `own` ones were typed in or came from a file, the others with a lecture.

    `token` changes with every word and every state: who saves or decides names the one that they saw.
    """

    id: UUID
    item_id: UUID
    bank_code: str
    ref: str
    version_no: int
    state: str
    own: bool
    round: int
    author_name: str
    created_at: datetime
    valid_until: date | None
    item: ExchangeItem
    token: str


@dataclass(frozen=True)
class Event:
    """What happened to a version, and by whom ("" for a command)."""

    version_id: UUID
    action: str
    level: Level | None
    round: int
    actor_id: UUID | None
    actor_name: str
    comment: str
    at: datetime


@dataclass(frozen=True)
class Flag:
    """Why an item has to be looked at again."""

    id: UUID
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Signalled:
    """What the figures of exams say of the version that is drawn, in the order in which they are told."""

    version_id: UUID
    version_no: int
    signals: tuple[Signal, ...]
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """A version that waits for a decision."""

    id: UUID
    bank_code: str
    bank_title: str
    ref: str
    type: str
    stem: str
    author_name: str
    created_at: datetime


def version(session: Session, version_id: UUID, bank_code: str | None = None, *, lock: bool = False) -> VersionOfItem:
    """A version of a bank, locked for writing when asked. Raises NotFound, also for a draft of a lecture."""
    found = select(ItemVersionRow).where(ItemVersionRow.id == version_id, no_lectures_draft())
    if bank_code is not None:
        found = found.where(ItemVersionRow.bank_code == bank_code)
    row = session.execute(for_update(found) if lock else found).scalar()
    if row is None:
        raise NotFound
    return _version(row, _authors(session, [row]))


def versions(session: Session, item_id: UUID) -> tuple[VersionOfItem, ...]:
    """All versions of an item, the newest first, drafts of lectures left out. Three statements at most."""
    found = select(ItemVersionRow).where(ItemVersionRow.item_id == item_id, no_lectures_draft())
    rows = session.execute(found.order_by(ItemVersionRow.version_no.desc())).scalars().all()
    authors = _authors(session, rows)
    return tuple(_version(row, authors) for row in rows)


def events(session: Session, item_id: UUID) -> tuple[Event, ...]:
    """What happened to all versions of an item, the oldest first."""
    rows = session.execute(
        select(
            ItemEventRow.version_id,
            ItemEventRow.action,
            ItemEventRow.level,
            ItemEventRow.round,
            ItemEventRow.actor_id,
            PersonRow.name,
            ItemEventRow.comment,
            ItemEventRow.at,
        )
        .outerjoin(PersonRow, PersonRow.id == ItemEventRow.actor_id)
        .where(ItemEventRow.item_id == item_id)
        .order_by(ItemEventRow.at, ItemEventRow.id)
    )
    return tuple(
        Event(row[0], row[1], Level(row[2]) if row[2] else None, *row[3:5], row[5] or "", *row[6:]) for row in rows
    )


def open_flag(session: Session, item_id: UUID) -> Flag | None:
    """Why an item has to be looked at again, None when nobody said so."""
    row = session.execute(
        select(ItemFlagRow.id, ItemFlagRow.reason, PersonRow.name, ItemFlagRow.flagged_at)
        .join(PersonRow, PersonRow.id == ItemFlagRow.flagged_by)
        .where(ItemFlagRow.item_id == item_id, ItemFlagRow.settled_at.is_(None))
    ).first()
    return Flag(*row) if row else None


def open_signals(session: Session, item_id: UUID) -> Signalled | None:
    """What the statistics of an item say that somebody should look at, None when nothing or it is settled."""
    row = session.execute(
        select(ItemVersionRow.id, ItemVersionRow.version_no, ItemSignalRow.flags, ItemSignalRow.made_at)
        .join(ItemSignalRow, ItemSignalRow.item_version_id == ItemVersionRow.id)
        .where(
            ItemVersionRow.item_id == item_id,
            ItemVersionRow.state == "published",
            ItemSignalRow.settled_at.is_(None),
        )
        .order_by(ItemVersionRow.version_no.desc())
    ).first()
    return Signalled(row[0], row[1], tuple(map(Signal, row[2])), row[3]) if row else None


def waiting(
    session: Session,
    state: str,
    scopes: Sequence[str],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> tuple[Waiting, ...]:
    """Versions in a state of review in the banks of some subtrees, the oldest first, from behind `after` on."""
    found = (
        select(
            ItemVersionRow.id,
            BankRow.code,
            NAME,
            ItemVersionRow.ref,
            ItemVersionRow.type,
            ItemVersionRow.stem,
            PersonRow.name,
            ItemVersionRow.created_at,
        )
        .join(BankRow, BankRow.code == ItemVersionRow.bank_code)
        .join(UnitRow, UnitRow.id == BankRow.unit_id)
        .outerjoin(PersonRow, PersonRow.id == ItemVersionRow.author_id)
        .where(ItemVersionRow.state == state, within(UnitRow.path, scopes))
        .order_by(ItemVersionRow.created_at, ItemVersionRow.id)
        .limit(limit)
    )
    if after is not None:
        moment, version_id = after
        found = found.where(
            (ItemVersionRow.created_at > moment)
            | ((ItemVersionRow.created_at == moment) & (ItemVersionRow.id > version_id))
        )
    return tuple(Waiting(*row[:6], row[6] or "", row[7]) for row in session.execute(found))


def _authors(session: Session, rows: Sequence[ItemVersionRow]) -> dict[UUID, str]:
    """Names by version: of who wrote an own one, of who handed in the lecture of another."""
    own = {row.author_id for row in rows if row.author_id}
    of_lectures = {row.revision_id for row in rows if row.revision_id}
    names: dict[UUID | None, str] = {}
    if own:
        names |= {
            one.id: one.name
            for one in session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(own)))
        }
    if of_lectures:
        found = (
            select(RevisionRow.id, PersonRow.name)
            .join(PersonRow, PersonRow.id == RevisionRow.author_id)
            .where(RevisionRow.id.in_(of_lectures))
        )
        names |= {one.id: one.name for one in session.execute(found)}
    return {row.id: names.get(row.revision_id or row.author_id, "") for row in rows}


def _version(row: ItemVersionRow, authors: dict[UUID, str]) -> VersionOfItem:
    item = whole(row)
    said = [row.id.hex, row.state, row.round, to_data(item, bytes_elsewhere=True)]
    return VersionOfItem(
        row.id,
        row.item_id,
        row.bank_code,
        row.ref,
        row.version_no,
        row.state,
        row.revision_id is None,
        row.round,
        authors[row.id],
        row.created_at,
        row.valid_until,
        item,
        hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest(),
    )
