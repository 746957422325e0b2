"""Reads items that may be practised: published, of a practice bank, and of a type that a machine marks at once.

Everything here asks for the kind of the bank, whatever a course names; so an exam's items can't come in by a wrong name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from lms.catalogue.models import CourseRow
from lms.exams.domain.rehearsal import BY_MACHINE
from lms.practice.domain.choosing import Candidate
from lms.practice.models import PractisedItemRow
from lms.questionbank.models import BankRow, ItemVersionRow

MOST_CANDIDATES = 500
"""How many items a round is chosen from: never tried ones first, then those that lie longest back."""
MOST_POOL = 5_000
"""How many items a mock exam is drawn from; a bank takes no more from one file either."""


@dataclass(frozen=True)
class PoolItem:
    """An item as the drawing of exams takes it, all in one bank: a mock exam does not spread its items over courses."""

    version_id: UUID
    bank: str
    type: str
    difficulty: int
    knowledge_point: str


def practised(columns: Sequence[Any], *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """A selection of items that may be practised."""
    return (
        select(*columns)
        .select_from(ItemVersionRow)
        .join(BankRow, and_(BankRow.code == ItemVersionRow.bank_code, BankRow.kind == "practice"))
        .where(ItemVersionRow.state == "published", ItemVersionRow.type.in_(sorted(BY_MACHINE)), *conditions)
    )


def of_person(person_id: UUID) -> ColumnElement[bool]:
    """Joins how a person stands with the item of the row."""
    return and_(
        PractisedItemRow.person_id == person_id,
        PractisedItemRow.bank_code == ItemVersionRow.bank_code,
        PractisedItemRow.ref == ItemVersionRow.ref,
    )


def bank_of(course_id: UUID) -> ScalarSelect[str | None]:
    """The code of a course's practice bank, for use in a statement."""
    return select(CourseRow.practice_bank_code).where(CourseRow.id == course_id).scalar_subquery()


def candidates(session: Session, course_id: UUID, person_id: UUID, *, book: bool) -> tuple[Candidate, ...]:
    """What a round on a course may ask this person: everything, or what stands in their book. One statement."""
    statement = practised(
        (ItemVersionRow.id, PractisedItemRow.last_at, PractisedItemRow.right_in_row),
        ItemVersionRow.bank_code == bank_of(course_id),
    ).join(PractisedItemRow, of_person(person_id), isouter=not book)
    if book:
        statement = statement.where(PractisedItemRow.in_book)
    rows = session.execute(
        statement.order_by(PractisedItemRow.last_at.is_not(None), PractisedItemRow.last_at, ItemVersionRow.id).limit(
            MOST_CANDIDATES
        )
    )
    return tuple(Candidate(row[0], row[1], bool(row[2])) for row in rows)


def pool(session: Session, course_ids: Sequence[UUID], bank: str) -> tuple[PoolItem, ...]:
    """What a mock exam on these courses is drawn from; of a pool above MOST_POOL other items at each call. One statement."""
    banks = select(CourseRow.practice_bank_code).where(CourseRow.id.in_(course_ids))
    columns = (
        ItemVersionRow.id, ItemVersionRow.type, ItemVersionRow.difficulty, ItemVersionRow.knowledge_point,
    )  # fmt: skip
    found = practised(columns, ItemVersionRow.bank_code.in_(banks)).order_by(func.random()).limit(MOST_POOL)
    return tuple(PoolItem(row[0], bank, row[1], row[2], row[3]) for row in session.execute(found))


def held(session: Session, course_ids: Sequence[UUID]) -> dict[str, int]:
    """How many items there are for a mock exam on these courses, by type. One statement."""
    banks = select(CourseRow.practice_bank_code).where(CourseRow.id.in_(course_ids))
    rows = session.execute(
        practised((ItemVersionRow.type, func.count()), ItemVersionRow.bank_code.in_(banks)).group_by(
            ItemVersionRow.type
        )
    )
    return {row[0]: row[1] for row in rows}


_OFFERED = practised(
    (ItemVersionRow.id,),
    ItemVersionRow.bank_code.in_(
        select(CourseRow.practice_bank_code).where(CourseRow.id.in_(bindparam("course_ids", expanding=True)))
    ),
).limit(1)


def offered(session: Session, course_ids: Sequence[UUID]) -> bool:
    """Whether there is anything to practise on these courses. One statement, that ends at the first item."""
    return session.execute(_OFFERED, {"course_ids": list(course_ids)}).first() is not None


def refs(session: Session, version_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """(code of the bank, code of the item) by version."""
    rows = session.execute(
        select(ItemVersionRow.id, ItemVersionRow.bank_code, ItemVersionRow.ref).where(
            ItemVersionRow.id.in_(list(version_ids))
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}
