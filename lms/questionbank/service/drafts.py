"""Stores items from files as drafts of a bank, all or none of them; nothing here publishes anything."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import for_update, unit_of_work
from lms.kernel.errors import N_, Invalid, NotFound
from lms.questionbank import queries
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.domain.formats.duplicates import alike, said
from lms.questionbank.domain.formats.outcome import Fault, ReadItem
from lms.questionbank.models import BankRow
from lms.questionbank.service.versions import MAY_BE_WRITTEN, add_version, discard

MOST_COMPARED = 20_000


class ItemsRefused(Invalid):
    """Some of the items may not be stored; `faults` says which and why. Nothing was stored."""

    code, title = "items_refused", N_("题目没有导入")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Stored:
    """How many drafts are new, how many stood there word for word, what was left out; and what is like items of the bank, by position."""

    stored: int
    unchanged: int
    left_out: tuple[Fault, ...]
    warnings: dict[int, str]


def store_drafts(
    bank_code: str,
    items: Sequence[ReadItem],
    *,
    now: datetime,
    actor_id: UUID | None = None,
    replace: bool = False,
    only_valid: bool = False,
) -> Stored:
    """Adds the items to the bank as drafts. One that is there under its code, word for word, is left as it is.

    A draft with the same code and other words is a fault, unless `replace`; with `only_valid` such an item is left out.
    Raises NotFound for a bank that does not exist; ItemsRefused when an item may not be stored, and nothing is.
    """
    with unit_of_work() as session:
        bank = session.execute(for_update(select(BankRow.code).where(BankRow.code == bank_code))).first()
        if bank is None:
            raise NotFound
        found = {row.ref: row for row in queries.on_their_way(session, bank_code)}
        fresh, faults, unchanged = list[tuple[str, ReadItem]](), list[Fault](), 0
        for one in items:
            code = code_of(one.item)
            known = found.get(code)
            if known is not None and known.item == one.item:
                unchanged += 1
            elif known is not None and known.state not in MAY_BE_WRITTEN:
                faults.append(Fault(one.where, f"编号 {code} 的题目正在审核，审核结束后才能修改"))
            elif known is None or replace:
                fresh.append((code, one))
            else:
                faults.append(
                    Fault(one.where, f"题库中已有编号 {code} 的草稿，内容不同；可以选择替换（命令行用 --replace）")
                )
        if faults and not only_valid:
            raise ItemsRefused(faults)
        warnings = like_known(session, bank_code, items)
        codes = [code for code, _ in fresh]
        lineage = queries.lineage(session, bank_code, codes)
        discard(session, [found[code].version_id for code in codes if code in found])
        for position, (code, one) in enumerate(fresh, start=1):
            add_version(
                session, bank_code, code, one.item, lineage.get(code), author_id=actor_id, position=position, now=now
            )
        session.flush()
        audit.record(
            session,
            action="items.imported",
            object_type="bank",
            object_id=bank_code,
            actor_id=actor_id,
            details={"stored": len(fresh), "unchanged": unchanged, "replaced": len(found.keys() & set(codes))},
            now=now,
        )
    return Stored(len(fresh), unchanged, tuple(faults), warnings)


def code_of(item: ExchangeItem) -> str:
    """The code under which a draft is kept: its own, or one that its words give, so that the same file twice is the same drafts."""
    if item.ref:
        return item.ref
    return "I" + hashlib.sha256(msgspec.json.encode(to_data(item), order="deterministic")).hexdigest()[:12].upper()


def like_known(session: Session, bank_code: str, items: Sequence[ReadItem]) -> dict[int, str]:
    """What an item of the bank says already, by the position of the new item; one with the same code is the same item."""
    known = queries.bank_items(session, bank_code, newest=MOST_COMPARED)
    texts = [said(one.item) for one in known] + [said(one.item) for one in items]
    return {
        pair.position - len(known): f"与题库中的 {known[pair.other].ref} 近乎重复（相似度 {pair.likeness:.2f}）"
        for pair in alike(texts, first_new=len(known))
        if pair.other < len(known) and known[pair.other].ref != items[pair.position - len(known)].item.ref
    }
