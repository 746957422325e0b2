"""Reads the pairs of items that say nearly the same."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from lms.questionbank.models import ItemTwinRow, ItemVersionRow
from lms.questionbank.queries.items import no_lectures_draft


@dataclass(frozen=True)
class Twins:
    """Two versions that say nearly the same, the later one first; likeness in per cent."""

    version_id: UUID
    ref: str
    stem: str
    other_id: UUID
    other_ref: str
    other_stem: str
    likeness: int


def twins(
    session: Session, bank_code: str, *, after: tuple[int, UUID, UUID] | None = None, limit: int
) -> tuple[Twins, ...]:
    """Pairs of a bank that nobody wants both of, the likest first; what was withdrawn since is left out. One statement."""
    one, other = aliased(ItemVersionRow), aliased(ItemVersionRow)
    found = (
        select(
            ItemTwinRow.version_id, one.ref, one.stem, ItemTwinRow.other_id, other.ref, other.stem, ItemTwinRow.likeness
        )
        .join(one, one.id == ItemTwinRow.version_id)
        .join(other, other.id == ItemTwinRow.other_id)
        .where(
            ItemTwinRow.bank_code == bank_code,
            ItemTwinRow.wanted_by.is_(None),
            one.state != "withdrawn",
            other.state != "withdrawn",
            no_lectures_draft(one),
            no_lectures_draft(other),
        )
        .order_by(ItemTwinRow.likeness.desc(), ItemTwinRow.version_id.desc(), ItemTwinRow.other_id.desc())
        .limit(limit)
    )
    if after is not None:
        likeness, version_id, other_id = after
        found = found.where(
            or_(
                ItemTwinRow.likeness < likeness,
                and_(ItemTwinRow.likeness == likeness, ItemTwinRow.version_id < version_id),
                and_(
                    ItemTwinRow.likeness == likeness,
                    ItemTwinRow.version_id == version_id,
                    ItemTwinRow.other_id < other_id,
                ),
            )
        )
    return tuple(Twins(*row) for row in session.execute(found))
