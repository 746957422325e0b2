"""Flags items that have to be looked at again, one or all that rest on a source: the law changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import refuse_numbers
from lms.questionbank import queries
from lms.questionbank.models import ItemFlagRow, ItemSignalRow, ItemVersionRow
from lms.questionbank.queries.listed import newest_only
from lms.questionbank.service.reviewing import settle_flags
from lms.questionbank.service.versions import lock_bank

MOST_FLAGGED = 5_000
REASON_NEEDED = N_("请写明原因，例如：工会法 2026 年修正")
SOURCE_NEEDED = N_("请填写依据中的文字，至少两个字，例如：工会法")
LONGEST = 200


def flag(version_id: UUID, bank_code: str, *, reason: str, actor_id: UUID, now: datetime) -> None:
    """Flags one item; one that is flagged stays as it is. Raises NotFound, Invalid without a reason."""
    _need(reason)
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        found = queries.version(session, version_id, bank_code)
        _flag(session, bank_code, [found.item_id], reason, actor_id, now)


def flag_by_source(bank_code: str, source: str, *, reason: str, actor_id: UUID, now: datetime) -> int:
    """Flags the items of a bank whose source or explanation of what voids them names a text. Returns how many were not yet.

    Raises Invalid without a text or a reason. At most MOST_FLAGGED at once.
    """
    wanted = source.strip()
    if len(wanted) < 2:
        raise Invalid(fields={"source": SOURCE_NEEDED})
    _need(reason)
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        named = or_(
            cast(ItemVersionRow.sources, Text).contains(wanted, autoescape=True),
            ItemVersionRow.void_rule.contains(wanted, autoescape=True),
        )
        flagged = exists().where(ItemFlagRow.item_id == ItemVersionRow.item_id, ItemFlagRow.settled_at.is_(None))
        found = session.execute(
            select(ItemVersionRow.item_id)
            .where(
                ItemVersionRow.bank_code == bank_code,
                or_(ItemVersionRow.state != "draft", ItemVersionRow.revision_id.is_(None)),
                newest_only(),
                named,
                ~flagged,
            )
            .limit(MOST_FLAGGED)
        ).scalars()
        return _flag(session, bank_code, list(found), reason, actor_id, now)


def settle(version_id: UUID, bank_code: str, *, actor_id: UUID, now: datetime) -> None:
    """Somebody looked at a flagged item, or one that its statistics flag, and found it right. Raises NotFound."""
    with unit_of_work() as session:
        found = queries.version(session, version_id, bank_code)
        settle_flags(session, [found.item_id], actor_id=actor_id, now=now)
        of_item = select(ItemVersionRow.id).where(ItemVersionRow.item_id == found.item_id)
        session.execute(
            update(ItemSignalRow)
            .where(ItemSignalRow.item_version_id.in_(of_item), ItemSignalRow.settled_at.is_(None))
            .values(settled_at=now)
        )
        _recorded(session, "item.flag_settled", bank_code, actor_id, {"ref": found.ref}, now)


def _need(reason: str) -> None:
    if not reason.strip():
        raise Invalid(fields={"reason": REASON_NEEDED})
    if len(reason.strip()) > LONGEST:
        raise Invalid(fields={"reason": N_("原因最多 200 个字")})
    refuse_numbers(reason=reason)


def _flag(
    session: Session, bank_code: str, item_ids: Sequence[UUID], reason: str, actor_id: UUID, now: datetime
) -> int:
    known = session.execute(
        select(ItemFlagRow.item_id).where(ItemFlagRow.item_id.in_(item_ids), ItemFlagRow.settled_at.is_(None))
    ).scalars()
    fresh = sorted(set(item_ids) - set(known))
    if fresh:
        session.execute(
            insert(ItemFlagRow),
            [
                {
                    "id": ids.new_id(now),
                    "bank_code": bank_code,
                    "item_id": item_id,
                    "reason": reason.strip(),
                    "flagged_by": actor_id,
                    "flagged_at": now,
                }
                for item_id in fresh
            ],
        )
        _recorded(session, "item.flagged", bank_code, actor_id, {"items": len(fresh), "reason": reason.strip()}, now)
    return len(fresh)


def _recorded(
    session: Session, action: str, bank_code: str, actor_id: UUID, details: dict[str, object], now: datetime
) -> None:
    audit.record(
        session, action=action, object_type="bank", object_id=bank_code, actor_id=actor_id, details=details, now=now
    )
