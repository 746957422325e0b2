"""Reads items: for a draw, for a paper, for a revision, for a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.questionbank.domain.citations import parse_citations
from lms.questionbank.domain.conversion import Columns, from_columns
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.exchangedata import from_data
from lms.questionbank.domain.items import Item, ItemType, Option
from lms.questionbank.models import BankRow, ItemVersionRow

FROZEN = ("published", "withdrawn")
ON_THEIR_WAY = ("draft", "province_review", "national_review", "returned")


def no_lectures_draft(row: type[ItemVersionRow] = ItemVersionRow) -> ColumnElement[bool]:
    """The version is no draft of a lecture: such a one is its author's alone until it is published with the lecture."""
    return or_(row.state != "draft", row.revision_id.is_(None))


@dataclass(frozen=True)
class PoolItem:
    """A published item as a draw sees it."""

    version_id: UUID
    bank: str
    type: str
    difficulty: int
    knowledge_point: str


@dataclass(frozen=True)
class ItemVersion:
    """An item's version with everything, the key too."""

    id: UUID
    bank: str
    type: str
    stem: str
    options: tuple[Option, ...]
    answer: tuple[str, ...]
    explanation: str
    sources: tuple[str, ...]
    published: bool
    frozen: bool  # it is or was published: it says the same for good
    content: ExchangeItem | None = None  # the whole of an item as it was written or read; None of old choices


def drawable_items(session: Session, bank_codes: Sequence[str]) -> tuple[PoolItem, ...]:
    """All published items of some banks, in the order of their ids."""
    rows = session.execute(
        select(
            ItemVersionRow.id,
            ItemVersionRow.bank_code,
            ItemVersionRow.type,
            ItemVersionRow.difficulty,
            ItemVersionRow.knowledge_point,
        )
        .where(ItemVersionRow.bank_code.in_(bank_codes), ItemVersionRow.state == "published")
        .order_by(ItemVersionRow.id)
    )
    return tuple(PoolItem(*row) for row in rows)


_ONE_ANSWER = (ItemType.SINGLE.value, ItemType.TRUE_FALSE.value)


def practice_choice(session: Session, bank_code: str, turn: int, *, but: UUID | None = None) -> UUID | None:
    """A published item with one right choice of a practice bank: the one at place `turn`, round and round, in the order of ids.

    `but` is left out unless it is the only one. None when there is none, and always for a bank of exams. Two statements.
    """
    asked = select(ItemVersionRow.id).join(BankRow, BankRow.code == ItemVersionRow.bank_code)
    asked = asked.where(
        ItemVersionRow.bank_code == bank_code,
        BankRow.kind == "practice",
        ItemVersionRow.state == "published",
        ItemVersionRow.type.in_(_ONE_ANSWER),
    )
    count = session.execute(select(func.count()).select_from(asked.subquery())).scalar_one()
    if count == 0:
        return None
    if but is not None and count > 1:
        asked, count = asked.where(ItemVersionRow.id != but), count - 1
    return session.execute(asked.order_by(ItemVersionRow.id).offset(turn % count).limit(1)).scalar()


_VERSIONS = select(
    ItemVersionRow.id,
    ItemVersionRow.bank_code,
    ItemVersionRow.type,
    ItemVersionRow.stem,
    ItemVersionRow.options,
    ItemVersionRow.answer,
    ItemVersionRow.explanation,
    ItemVersionRow.sources,
    ItemVersionRow.state,
    ItemVersionRow.content,
).where(ItemVersionRow.id.in_(bindparam("version_ids", expanding=True)))


def item_versions(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, ItemVersion]:
    """Versions by id."""
    rows = session.connection().execute(_VERSIONS, {"version_ids": list(version_ids)})
    return {
        key: ItemVersion(
            key,
            bank,
            kind,
            stem,
            tuple(Option(letter, text) for letter, text in options),
            tuple(answer),
            explanation,
            tuple(sources),
            state == "published",
            state in FROZEN,
            from_data(content) if content else None,
        )
        for key, bank, kind, stem, options, answer, explanation, sources, state, content in rows
    }


@dataclass(frozen=True)
class HandedIn:
    """The items of a revision in their order, those for exams and those for practice."""

    exam: tuple[Item, ...]
    practice: tuple[Item, ...]


def items_of_revision(session: Session, revision_id: UUID) -> HandedIn:
    """The items handed in with a revision."""
    rows = session.execute(
        select(ItemVersionRow, BankRow.kind)
        .join(BankRow, BankRow.code == ItemVersionRow.bank_code)
        .where(ItemVersionRow.revision_id == revision_id)
        .order_by(ItemVersionRow.position)
    ).all()
    by_kind = {"exam": list[Item](), "practice": list[Item]()}
    for row, kind in rows:
        by_kind[kind].append(_item(row))
    return HandedIn(tuple(by_kind["exam"]), tuple(by_kind["practice"]))


def _item(row: ItemVersionRow) -> Item:
    return Item(
        ref=row.ref,
        type=ItemType(row.type),
        stem=row.stem,
        options=tuple(Option(key, text) for key, text in row.options),
        answer=tuple(row.answer),
        explanation=row.explanation,
        sources=parse_citations("；".join(row.sources))[0],
        knowledge_point=row.knowledge_point,
        difficulty=row.difficulty,
        case=row.is_case,
        void_rule=row.void_rule,
    )


@dataclass(frozen=True)
class BankItem:
    """An item of a bank in its neutral form, under the code that the bank keeps it by."""

    version_id: UUID
    ref: str
    state: str
    item: ExchangeItem


def has_bank(session: Session, bank_code: str) -> bool:
    """Whether there is such a bank."""
    return session.execute(select(BankRow.code).where(BankRow.code == bank_code)).first() is not None


def on_their_way(session: Session, bank_code: str) -> tuple[BankItem, ...]:
    """The own items of a bank that are written or reviewed now, in the order in which they came."""
    rows = session.execute(
        select(ItemVersionRow.id, ItemVersionRow.ref, ItemVersionRow.state, ItemVersionRow.content)
        .where(
            ItemVersionRow.bank_code == bank_code,
            ItemVersionRow.revision_id.is_(None),
            ItemVersionRow.state.in_(ON_THEIR_WAY),
        )
        .order_by(ItemVersionRow.created_at, ItemVersionRow.position, ItemVersionRow.id)
    )
    return tuple(BankItem(row.id, row.ref, row.state, from_data(row.content)) for row in rows)


def bank_items(session: Session, bank_code: str, *, newest: int) -> tuple[BankItem, ...]:
    """Published items of a bank, then its own ones on their way; of each the newest so many. Drafts of lectures are their authors'."""
    rows = session.execute(
        select(ItemVersionRow)
        .where(ItemVersionRow.bank_code == bank_code, ItemVersionRow.state == "published")
        .order_by(ItemVersionRow.created_at.desc(), ItemVersionRow.position.desc())
        .limit(newest)
    ).scalars()
    published = [BankItem(row.id, row.ref, row.state, whole(row)) for row in rows]
    return (*reversed(published), *on_their_way(session, bank_code)[-newest:])


def lineage(session: Session, bank_code: str, refs: Sequence[str]) -> dict[str, tuple[UUID, int]]:
    """(item, last version number) of the own items of a bank by their codes."""
    last = func.max(ItemVersionRow.version_no)
    rows = session.execute(
        select(ItemVersionRow.ref, ItemVersionRow.item_id, last)
        .where(
            ItemVersionRow.bank_code == bank_code, ItemVersionRow.revision_id.is_(None), ItemVersionRow.ref.in_(refs)
        )
        .group_by(ItemVersionRow.ref, ItemVersionRow.item_id)
        .order_by(last)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def whole(row: ItemVersionRow) -> ExchangeItem:
    """Everything that a version says, in the neutral form."""
    return from_data(row.content) if row.content else from_columns(row.ref, _columns(row))


def _columns(row: ItemVersionRow) -> Columns:
    return Columns(
        row.type,
        row.stem,
        tuple(Option(key, text) for key, text in row.options),
        tuple(row.answer),
        row.explanation,
        tuple(row.sources),
        row.knowledge_point,
        row.difficulty,
        row.is_case,
        row.void_rule,
    )
