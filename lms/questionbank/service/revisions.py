"""Stores the items of a revision and puts them into and out of the draw with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.textformat import parse
from lms.questionbank.models import BankRow, ItemVersionRow

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


def replace_items(revision_id: UUID, items: Mapping[str, Sequence[Item]], *, now: datetime) -> None:
    """Sets the items of a draft revision, by the code of their bank; those of the draft before are dropped.

    The caller has checked that it is a draft.
    """
    listed = [(bank_code, item) for bank_code, of_bank in items.items() for item in of_bank]
    with unit_of_work() as session:
        session.execute(
            delete(ItemVersionRow).where(ItemVersionRow.revision_id == revision_id, ItemVersionRow.state == "draft")
        )
        for position, (bank_code, item) in enumerate(listed, start=1):
            session.add(
                ItemVersionRow(
                    id=ids.new_id(now),
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
    """The revision's items may be drawn."""
    _set_state(revision_id, "published")


def withdraw(revision_id: UUID) -> None:
    """The revision's items are drawn no more; papers that hold them keep them."""
    _set_state(revision_id, "withdrawn")


def _set_state(revision_id: UUID, state: str) -> None:
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.revision_id == revision_id).values(state=state))
