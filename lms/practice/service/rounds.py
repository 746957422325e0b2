"""Opens rounds of practice, takes answers, keeps the book of wrong answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms.classes import queries as classes
from lms.classes.models import EnrolmentRow
from lms.exams import queries as exams
from lms.exams.domain import answers
from lms.exams.domain.keys import EVERYTHING, Partial
from lms.exams.queries.examined import ExamItem
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.practice import queries
from lms.practice.domain.choosing import choose
from lms.practice.domain.standing import Standing, after
from lms.practice.models import PracticeRoundRow, PracticeStepRow, PractisedItemRow
from lms.practice.service.refusals import AnswerNeeded, NothingToPractise, Withdrawn

COURSE, BOOK = "course", "book"


@dataclass(frozen=True)
class Answered:
    """What an answer came to."""

    right: bool
    last: bool  # nothing is left in the round


def start_round(course_id: UUID, person_id: UUID, source: str, *, now: datetime, rng: Random) -> UUID:
    """Opens a round, or gives the one that is not finished. Raises NotFound for who is in no class with the course, NothingToPractise."""
    with unit_of_work() as session:
        enrolment = classes.enrolment_for_course(session, person_id, course_id)
        if enrolment is None:
            raise NotFound
        one_at_a_time(session, enrolment)
        begun = _going_on(session, course_id, person_id, source, now)
        if begun is not None:
            return begun
        chosen = choose(queries.candidates(session, course_id, person_id, book=source == BOOK), rng)
        if not chosen:
            raise NothingToPractise
        items = exams.items(session, chosen)
        round_id = ids.new_id(now)
        session.execute(
            insert(PracticeRoundRow).values(
                id=round_id, person_id=person_id, course_id=course_id, source=source, started_at=now
            )
        )
        session.execute(
            insert(PracticeStepRow),
            [
                {
                    "round_id": round_id,
                    "position": position,
                    "item_version_id": version_id,
                    "option_order": _shuffled(items[version_id], rng),
                }
                for position, version_id in enumerate(chosen, start=1)
            ],
        )
        return round_id


def one_at_a_time(session: Session, enrolment: classes.Enrolment) -> None:
    """Lets two starts of one learner pass one after the other, so that the second finds what the first opened."""
    session.execute(for_update(select(EnrolmentRow.id).where(EnrolmentRow.id == enrolment.id)))


def answer(round_id: UUID, person_id: UUID, position: int, values: Sequence[str], *, now: datetime) -> Answered:
    """Takes the answer to one item, once: a repetition, also with another value, is told what the first came to.

    Raises NotFound, AnswerNeeded, Withdrawn.
    """
    with unit_of_work() as session:
        owned = select(PracticeRoundRow.id).where(
            PracticeRoundRow.id == round_id, PracticeRoundRow.person_id == person_id
        )
        if session.execute(for_update(owned)).first() is None:
            raise NotFound
        found = queries.own_round(session, round_id, person_id)
        step = found.step(position)
        waiting = [one for one in found.steps if one.given is None and one.published and one.position != position]
        if step.given is not None:
            return Answered(bool(step.right), not waiting)
        if not step.published:
            raise Withdrawn
        item = exams.items(session, [step.version_id])[step.version_id]
        given = answers.normalise(list(values), item.type, step.option_order, places=item.places)
        if isinstance(given, answers.Invalid) or not given:
            raise AnswerNeeded
        right = item.key.share(given, Partial.ALL_OR_NOTHING) == EVERYTHING  # type: ignore[union-attr]  # never ByHand
        session.execute(
            update(PracticeStepRow)
            .where(PracticeStepRow.round_id == round_id, PracticeStepRow.position == position)
            .values(given=list(given), is_right=right, answered_at=now)
        )
        _note(session, person_id, step.version_id, right=right, now=now)
        if not waiting:
            _finish(session, round_id, now)
        return Answered(right, not waiting)


def leave_book(course_id: UUID, person_id: UUID, ref: str) -> None:
    """Takes an item out of one's book by hand; harmless when it is not there. Raises NotFound for who is not of the course."""
    with unit_of_work() as session:
        if classes.enrolment_for_course(session, person_id, course_id) is None:
            raise NotFound
        session.execute(
            update(PractisedItemRow)
            .where(
                PractisedItemRow.person_id == person_id,
                PractisedItemRow.bank_code == queries.bank_of(course_id),
                PractisedItemRow.ref == ref,
            )
            .values(in_book=False)
        )


def _going_on(session: Session, course_id: UUID, person_id: UUID, source: str, now: datetime) -> UUID | None:
    """The round that still asks something; one whose remaining items were withdrawn is finished here."""
    begun = queries.open_round(session, course_id, person_id, source)
    if begun is None or queries.own_round(session, begun, person_id).next is not None:
        return begun
    _finish(session, begun, now)
    return None


def _finish(session: Session, round_id: UUID, now: datetime) -> None:
    session.execute(update(PracticeRoundRow).where(PracticeRoundRow.id == round_id).values(finished_at=now))


def _note(session: Session, person_id: UUID, version_id: UUID, *, right: bool, now: datetime) -> None:
    bank_code, ref = queries.refs(session, [version_id])[version_id]
    mine = (
        PractisedItemRow.person_id == person_id,
        PractisedItemRow.bank_code == bank_code,
        PractisedItemRow.ref == ref,
    )
    row = session.execute(for_update(select(PractisedItemRow).where(*mine))).scalar()
    before = Standing(row.times_right, row.times_wrong, row.right_in_row, row.in_book) if row else Standing()
    now_standing = after(before, right=right)
    if row is None:
        row = PractisedItemRow(person_id=person_id, bank_code=bank_code, ref=ref)
        session.add(row)
    row.item_version_id, row.last_at = version_id, now
    row.times_right, row.times_wrong = now_standing.right, now_standing.wrong
    row.right_in_row, row.in_book = now_standing.right_in_row, now_standing.in_book
    session.flush()


def _shuffled(item: ExamItem, rng: Random) -> list[str]:
    keys = item.option_keys
    return rng.sample(keys, len(keys)) if item.may_shuffle else list(keys)
