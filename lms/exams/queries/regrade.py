"""Reads decisions about wrong keys: what is proposed, whom it touches, and which hold for an exam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.classes.models import TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.points import Points, points
from lms.exams.domain.regrade import KeyChange, Turn, Way, key_from
from lms.exams.models import AttemptQuestionRow, AttemptRow, ExamRow, RegradeEffectRow, RegradeRow
from lms.exams.queries.marking import ExamRef
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.questionbank.models import ItemVersionRow

FOUND = 20
LISTED = 50


@dataclass(frozen=True)
class Regrade:
    """One decision as staff see it."""

    id: UUID
    exam: ExamRef
    version_id: UUID
    stem: str
    way: Way
    key: Mapping[str, Any] | None
    reason: str
    state: str
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    comment: str


@dataclass(frozen=True)
class Effect:
    """What a decision does, or did, to one attempt."""

    attempt_id: UUID
    name: str
    unit_name: str
    before: Points
    after: Points
    turn: Turn
    certificate: str | None


@dataclass(frozen=True)
class RegradeTally:
    """How many attempts a decision looks at, how many gain or lose points, and how many people pass or fail by it."""

    attempts: int
    gain: int
    lose: int
    passes: int
    fails: int
    certificates: int


@dataclass(frozen=True)
class FoundItem:
    """An item that stood in a paper of the exam."""

    version_id: UUID
    ref: str
    stem: str


def key_changes(session: Session, exam_id: UUID, *, also: UUID | None = None) -> tuple[KeyChange, ...]:
    """What was decided about keys of an exam, in the order of confirming; `also` is one that nobody has confirmed yet."""
    holds = RegradeRow.state.in_(("confirmed", "done"))
    rows = session.execute(
        select(RegradeRow.item_version_id, RegradeRow.way, RegradeRow.key)
        .where(RegradeRow.exam_id == exam_id, or_(holds, RegradeRow.id == also) if also else holds)
        .order_by(RegradeRow.decided_at.is_(None), RegradeRow.decided_at, RegradeRow.id)
    )
    return tuple(KeyChange(row[0], Way(row[1]), key_from(row[2]) if row[2] else None) for row in rows)


def regrade(session: Session, regrade_id: UUID, scopes: Sequence[str]) -> Regrade:
    """One decision about an exam in some subtrees. Raises NotFound."""
    found = _regrades(session, scopes, RegradeRow.id == regrade_id)
    if not found:
        raise NotFound
    return found[0]


def regrades(session: Session, exam_id: UUID, scopes: Sequence[str]) -> tuple[Regrade, ...]:
    """The decisions about an exam, the newest first."""
    return _regrades(session, scopes, RegradeRow.exam_id == exam_id)


def waiting_regrades(session: Session, scopes: Sequence[str]) -> tuple[Regrade, ...]:
    """What waits in some subtrees for a second person."""
    return _regrades(session, scopes, RegradeRow.state == "proposed")


def _regrades(session: Session, scopes: Sequence[str], condition: ColumnElement[bool]) -> tuple[Regrade, ...]:
    proposer, decider = aliased(PersonRow), aliased(PersonRow)
    rows = session.execute(
        select(
            RegradeRow,
            ExamRow.id,
            ExamRow.title,
            TrainingClassRow.id,
            TrainingClassRow.name,
            UnitRow.path,
            ItemVersionRow.stem,
            proposer.name,
            decider.name,
        )
        .join(ExamRow, ExamRow.id == RegradeRow.exam_id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .join(ItemVersionRow, ItemVersionRow.id == RegradeRow.item_version_id)
        .join(proposer, proposer.id == RegradeRow.proposed_by)
        .outerjoin(decider, decider.id == RegradeRow.decided_by)
        .where(within(UnitRow.path, scopes), condition)
        .order_by(RegradeRow.proposed_at.desc(), RegradeRow.id)
        .limit(LISTED)
    )
    return tuple(
        Regrade(
            id=row[0].id,
            exam=ExamRef(*row[1:6]),
            version_id=row[0].item_version_id,
            stem=row[6],
            way=Way(row[0].way),
            key=row[0].key,
            reason=row[0].reason,
            state=row[0].state,
            proposed_by=row[0].proposed_by,
            proposer=row[7],
            proposed_at=row[0].proposed_at,
            decider=row[8],
            decided_at=row[0].decided_at,
            comment=row[0].comment,
        )
        for row in rows
    )


def regrade_tally(session: Session, regrade_id: UUID) -> RegradeTally:
    """The numbers of a decision. One statement."""
    effect = RegradeEffectRow

    def count(condition: ColumnElement[bool]) -> Any:
        return func.count().filter(condition)

    row = session.execute(
        select(
            func.count(),
            count(effect.after > effect.before),
            count(effect.after < effect.before),
            count(effect.turn == Turn.PASSES.value),
            count(effect.turn == Turn.FAILS.value),
            count(effect.certificate.is_not(None)),
        ).where(effect.regrade_id == regrade_id)
    ).one()
    return RegradeTally(*row)


def effects(
    session: Session, regrade_id: UUID, *, turn: Turn | None, after: UUID | None = None, limit: int
) -> tuple[Effect, ...]:
    """What a decision does to attempts, by attempt; with `turn` only those. One statement."""
    conditions = [RegradeEffectRow.regrade_id == regrade_id]
    if turn is not None:
        conditions.append(RegradeEffectRow.turn == turn.value)
    else:
        conditions.append(RegradeEffectRow.before != RegradeEffectRow.after)
    if after is not None:
        conditions.append(RegradeEffectRow.attempt_id > after)
    rows = session.execute(
        select(
            RegradeEffectRow.attempt_id,
            PersonRow.name,
            UnitRow.name,
            RegradeEffectRow.before,
            RegradeEffectRow.after,
            RegradeEffectRow.turn,
            RegradeEffectRow.certificate,
        )
        .join(AttemptRow, AttemptRow.id == RegradeEffectRow.attempt_id)
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(*conditions)
        .order_by(RegradeEffectRow.attempt_id)
        .limit(limit)
    )
    return tuple(Effect(row[0], row[1], row[2], points(row[3]), points(row[4]), Turn(row[5]), row[6]) for row in rows)


def to_regrade(
    session: Session, regrade_id: UUID, exam_id: UUID, version_id: UUID, *, applied: bool, limit: int
) -> dict[UUID, tuple[UUID, ...]]:
    """Graded attempts with the item that the decision has not looked at (or not changed, `applied`), by person.

    Whose account was joined is the person whose account stays: what counts is counted of all their attempts.
    """
    seen = [RegradeEffectRow.regrade_id == regrade_id, RegradeEffectRow.attempt_id == AttemptRow.id]
    if applied:
        seen.append(RegradeEffectRow.applied.is_(True))
    graded = (
        AttemptQuestionRow.item_version_id == version_id,
        AttemptRow.exam_id == exam_id,
        AttemptRow.state == State.GRADED.value,
    )
    kept_id = func.coalesce(PersonRow.merged_into, PersonRow.id)
    people = _joined_papers(kept_id).where(*graded, ~exists().where(*seen)).distinct().order_by(kept_id).limit(limit)
    rows = session.execute(
        _joined_papers(kept_id, AttemptRow.id).where(*graded, kept_id.in_(people)).order_by(kept_id, AttemptRow.id)
    )
    found: dict[UUID, tuple[UUID, ...]] = {}
    for person_id, attempt_id in rows:
        found[person_id] = (*found.get(person_id, ()), attempt_id)
    return found


def _joined_papers(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(AttemptRow)
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .join(AttemptQuestionRow, AttemptQuestionRow.attempt_id == AttemptRow.id)
    )


def count_with_item(session: Session, exam_id: UUID, version_id: UUID) -> int:
    """How many graded attempts at an exam have the item."""
    return session.execute(
        select(func.count())
        .select_from(AttemptQuestionRow)
        .join(AttemptRow, AttemptRow.id == AttemptQuestionRow.attempt_id)
        .where(
            AttemptQuestionRow.item_version_id == version_id,
            AttemptRow.exam_id == exam_id,
            AttemptRow.state == State.GRADED.value,
        )
    ).scalar_one()


def asked_items(session: Session, exam_id: UUID, banks: Sequence[str], text: str) -> tuple[FoundItem, ...]:
    """Items of the exam's banks that stood in a paper of it, by code or by a piece of the stem."""
    asked = (
        select(AttemptQuestionRow.attempt_id)
        .join(AttemptRow, AttemptRow.id == AttemptQuestionRow.attempt_id)
        .where(AttemptQuestionRow.item_version_id == ItemVersionRow.id, AttemptRow.exam_id == exam_id)
    )
    rows = session.execute(
        select(ItemVersionRow.id, ItemVersionRow.ref, ItemVersionRow.stem)
        .where(
            ItemVersionRow.bank_code.in_(banks),
            or_(ItemVersionRow.ref == text, ItemVersionRow.stem.contains(text, autoescape=True)),
            asked.exists(),
        )
        .order_by(ItemVersionRow.ref, ItemVersionRow.id)
        .limit(FOUND)
    )
    return tuple(FoundItem(*row) for row in rows)


def was_asked(session: Session, exam_id: UUID, version_id: UUID) -> bool:
    """Whether an item stood in a paper of an exam."""
    found = (
        select(AttemptRow.id)
        .join(AttemptQuestionRow, AttemptQuestionRow.attempt_id == AttemptRow.id)
        .where(AttemptQuestionRow.item_version_id == version_id, AttemptRow.exam_id == exam_id)
        .limit(1)
    )
    return session.execute(found).first() is not None
