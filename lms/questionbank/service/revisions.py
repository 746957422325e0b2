"""Stores the items of a revision and puts them into and out of the draw with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid
from lms.moderation.models import RevisionRow
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.textformat import parse
from lms.questionbank.models import BankRow, ItemVersionRow
from lms.questionbank.service.reviewing import draw_newest_only

SHOWN_PROBLEMS = 5


def read_items(text: str) -> tuple[Item, ...]:
    """Items of a text in the format of question_banks/README.md. Raises Invalid naming lines and fields."""
    result = parse(text)
    if result.problems:
        shown = "；".join(problem.message for problem in result.problems[:SHOWN_PROBLEMS])
        raise Invalid(fields={"items": shown})
    return tuple(result.items)


def ensure_bank(code: str, title: str, *, kind: str = "exam", unit_id: UUID | None = None, now: datetime) -> None:
    """Makes the bank of a unit, for exams or for practice, unless it is there."""
    with unit_of_work() as session:
        if session.execute(select(BankRow.code).where(BankRow.code == code)).first() is None:
            session.add(BankRow(code=code, title=title, kind=kind, unit_id=unit_id, created_at=now))
            session.flush()


def follow_merger(gone_id: UUID, into_id: UUID) -> None:
    """The banks of a unit that is no more go to the one that it became part of, like the lectures with their items."""
    with unit_of_work() as session:
        session.execute(update(BankRow).where(BankRow.unit_id == gone_id).values(unit_id=into_id))


def name_banks(codes: Iterable[str], title: str) -> None:
    """Gives those of some banks a title that have none yet."""
    with unit_of_work() as session:
        session.execute(update(BankRow).where(BankRow.code.in_(list(codes)), BankRow.title == "").values(title=title))


def replace_items(revision_id: UUID, items: Mapping[str, Sequence[Item]], *, now: datetime) -> None:
    """Sets the items of a draft revision, by the code of their bank; those of the draft before are dropped.

    The caller has checked that it is a draft.
    """
    listed = [(bank_code, item) for bank_code, of_bank in items.items() for item in of_bank]
    with unit_of_work() as session:
        session.execute(
            delete(ItemVersionRow).where(ItemVersionRow.revision_id == revision_id, ItemVersionRow.state == "draft")
        )
        before = _before(session, revision_id)
        for position, (bank_code, item) in enumerate(listed, start=1):
            version_id = ids.new_id(now)
            item_id, number = before.get((bank_code, item.ref), (version_id, 0))
            session.add(
                ItemVersionRow(
                    id=version_id,
                    item_id=item_id,
                    version_no=number + 1,
                    bank_code=bank_code,
                    revision_id=revision_id,
                    position=position,
                    ref=item.ref,
                    type=item.type.value,
                    stem=item.stem,
                    options=[[option.key, option.text] for option in item.options],
                    answer=list(item.answer),
                    explanation=item.explanation,
                    sources=[source.text for source in item.sources],
                    knowledge_point=item.knowledge_point,
                    difficulty=item.difficulty,
                    is_case=item.case,
                    void_rule=item.void_rule,
                    state="draft",
                    created_at=now,
                )
            )
        session.flush()


def publish(revision_id: UUID) -> None:
    """The revision's items may be drawn, but for those of which a newer version was published, and stopped or not since."""
    _set_state(revision_id, "published")
    with unit_of_work() as session:
        items = session.execute(
            select(ItemVersionRow.item_id).where(ItemVersionRow.revision_id == revision_id)
        ).scalars()
        draw_newest_only(session, list(items))


def withdraw(revision_id: UUID) -> None:
    """The revision's items are drawn no more; papers that hold them keep them."""
    _set_state(revision_id, "withdrawn")


def _set_state(revision_id: UUID, state: str) -> None:
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.revision_id == revision_id).values(state=state))


def _before(session: Session, revision_id: UUID) -> dict[tuple[str, str], tuple[UUID, int]]:
    """(item, last version number) by bank and code of what earlier revisions of the same lecture handed in."""
    mine, other = aliased(RevisionRow), aliased(RevisionRow)
    handed = (
        select(ItemVersionRow.bank_code, ItemVersionRow.ref, ItemVersionRow.item_id)
        .join(other, other.id == ItemVersionRow.revision_id)
        .join(mine, mine.subject_id == other.subject_id)
        .where(mine.id == revision_id, other.id != revision_id)
        .distinct()
    ).subquery()
    rows = session.execute(
        select(handed.c.bank_code, handed.c.ref, ItemVersionRow.item_id, func.max(ItemVersionRow.version_no))
        .join(handed, handed.c.item_id == ItemVersionRow.item_id)
        .group_by(handed.c.bank_code, handed.c.ref, ItemVersionRow.item_id)
        .order_by(func.max(ItemVersionRow.created_at))
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}
