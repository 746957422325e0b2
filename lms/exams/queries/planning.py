"""Reads what people plan an exam from: banks and what they hold, drafts of rules, versions, and who began under which."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.catalogue.models import CourseRow
from lms.classes.models import ClassCourseRow, TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.blueprint import Section
from lms.exams.domain.cells import Cell, Holding, cells
from lms.exams.domain.plans import Plan, settings_from
from lms.exams.models import AttemptRow, ExamRow, ExamRulesDraftRow, ExamRulesRow
from lms.exams.queries.exam import exam_of_class
from lms.exams.queries.kept import section_of
from lms.infra import db
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.questionbank import queries as questionbank
from lms.questionbank.models import BankRow, ItemVersionRow

UNDECIDED = ("draft", "proposed")
MOST_BANKS = 200
"""So many banks a plan may choose from; those of the class's courses come first."""


@dataclass(frozen=True)
class Draft:
    """A draft of rules with its plan."""

    id: UUID
    class_id: UUID
    state: str
    plan: Plan
    reason: str
    drafted_by: UUID
    drafter: str
    drafted_at: datetime
    decider: str | None
    decided_at: datetime | None
    comment: str
    version: int | None


@dataclass(frozen=True)
class Choice:
    """A bank that a plan may draw from; `unit_path` is None for a bank that no staff page shows."""

    code: str
    title: str
    unit_path: str | None


@dataclass(frozen=True)
class Version:
    """A published version of an exam's rules; `attempts` were begun under it, `open_attempts` of them are not handed in."""

    version: int
    published_at: datetime
    proposer: str | None
    publisher: str | None
    attempts: int
    open_attempts: int


@dataclass(frozen=True)
class ItemChoice:
    """An item that a fixed paper may have; its key is not here."""

    id: UUID
    bank: str
    ref: str
    stem: str
    knowledge_point: str
    difficulty: int


def draft(session: Session, draft_id: UUID, *, lock: bool = False) -> Draft:
    """One draft; `lock` keeps others from it until the unit of work ends. Raises NotFound."""
    if lock:
        session.execute(db.for_update(select(ExamRulesDraftRow.id).where(ExamRulesDraftRow.id == draft_id)))
    for found in _drafts(session, ExamRulesDraftRow.id == draft_id, limit=1):
        return found
    raise NotFound


def open_draft(session: Session, class_id: UUID) -> Draft | None:
    """The draft of a class that is not decided, None when there is none."""
    undecided = ExamRulesDraftRow.state.in_(UNDECIDED)
    return next(iter(_drafts(session, ExamRulesDraftRow.class_id == class_id, undecided, limit=1)), None)


@dataclass(frozen=True)
class Waiting:
    """A proposal that waits for its second person."""

    id: UUID
    class_name: str
    title: str
    reason: str
    drafted_by: UUID
    drafter: str
    drafted_at: datetime


def waiting(session: Session, scopes: Sequence[str], *, after: UUID | None = None, limit: int) -> tuple[Waiting, ...]:
    """Proposals for classes of units within `scopes`, the oldest first, those behind `after`. One statement."""
    behind = [] if after is None else [ExamRulesDraftRow.id > after]
    rows = session.execute(
        select(
            ExamRulesDraftRow.id,
            TrainingClassRow.name,
            ExamRulesDraftRow.title,
            ExamRulesDraftRow.reason,
            ExamRulesDraftRow.drafted_by,
            PersonRow.name,
            ExamRulesDraftRow.drafted_at,
        )
        .join(TrainingClassRow, TrainingClassRow.id == ExamRulesDraftRow.class_id)
        .join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)
        .join(PersonRow, PersonRow.id == ExamRulesDraftRow.drafted_by)
        .where(ExamRulesDraftRow.state == "proposed", within(UnitRow.path, scopes), *behind)
        .order_by(ExamRulesDraftRow.id)
        .limit(limit)
    )
    return tuple(Waiting(*row) for row in rows)


def _drafts(session: Session, *conditions: ColumnElement[bool], limit: int) -> tuple[Draft, ...]:
    drafter, decider = aliased(PersonRow), aliased(PersonRow)
    rows = session.execute(
        select(ExamRulesDraftRow, drafter.name.label("drafter"), decider.name.label("decider"))
        .join(drafter, drafter.id == ExamRulesDraftRow.drafted_by)
        .outerjoin(decider, decider.id == ExamRulesDraftRow.decided_by)
        .where(*conditions)
        .order_by(ExamRulesDraftRow.id.desc())
        .limit(limit)
    )
    return tuple(_draft(row.ExamRulesDraftRow, row.drafter, row.decider) for row in rows)


def _draft(row: ExamRulesDraftRow, drafter: str, decider: str | None) -> Draft:
    return Draft(
        id=row.id,
        class_id=row.class_id,
        state=row.state,
        plan=Plan(
            row.title,
            tuple(map(section_of, row.sections)),
            settings_from(row.settings) if row.settings else None,
        ),
        reason=row.reason,
        drafted_by=row.drafted_by,
        drafter=drafter,
        drafted_at=row.drafted_at,
        decider=decider,
        decided_at=row.decided_at,
        comment=row.comment,
        version=row.version,
    )


def versions(session: Session, class_id: UUID, *, limit: int) -> tuple[Version, ...]:
    """The newest versions of the rules of a class's exam, the newest first, with who began under each. One statement."""
    proposer, publisher = aliased(PersonRow), aliased(PersonRow)
    begun = func.count(AttemptRow.id)
    rows = session.execute(
        select(
            ExamRulesRow.version,
            ExamRulesRow.created_at,
            proposer.name,
            publisher.name,
            begun,
            begun.filter(AttemptRow.state == State.OPEN.value),
        )
        .join(ExamRow, ExamRow.id == ExamRulesRow.exam_id)
        .outerjoin(proposer, proposer.id == ExamRulesRow.proposed_by)
        .outerjoin(publisher, publisher.id == ExamRulesRow.published_by)
        .outerjoin(
            AttemptRow,
            (AttemptRow.exam_id == ExamRulesRow.exam_id)
            & (AttemptRow.rules_version == ExamRulesRow.version)
            & (AttemptRow.state != State.VOIDED.value),
        )
        .where(ExamRow.class_id == class_id)
        .group_by(ExamRulesRow.version, ExamRulesRow.created_at, proposer.name, publisher.name)
        .order_by(ExamRulesRow.version.desc())
        .limit(limit)
    )
    return tuple(Version(*row) for row in rows)


def begun(session: Session, class_id: UUID) -> tuple[int, int]:
    """How many attempts of a class's exam were begun, and how many of them are open: they keep the rules they have."""
    row = session.execute(
        select(func.count(AttemptRow.id), func.count(AttemptRow.id).filter(AttemptRow.state == State.OPEN.value))
        .join(ExamRow, ExamRow.id == AttemptRow.exam_id)
        .where(ExamRow.class_id == class_id, AttemptRow.state != State.VOIDED.value)
    ).one()
    return row[0], row[1]


def choices(session: Session, class_id: UUID, scopes: Sequence[str]) -> tuple[Choice, ...]:
    """The exam banks that a class's exam may draw from: those of its courses, then those of units within `scopes`."""
    own = (
        select(CourseRow.bank_code)
        .join(ClassCourseRow, ClassCourseRow.course_id == CourseRow.id)
        .where(ClassCourseRow.class_id == class_id)
    )
    rows = session.execute(
        select(BankRow.code, questionbank.NAME, UnitRow.path)
        .outerjoin(UnitRow, UnitRow.id == BankRow.unit_id)
        .where(BankRow.kind == "exam", or_(BankRow.code.in_(own), within(UnitRow.path, scopes)))
        .order_by(BankRow.code.in_(own).desc(), BankRow.code)
        .limit(MOST_BANKS)
    )
    return tuple(Choice(*row) for row in rows)


def known_banks(session: Session, class_id: UUID) -> frozenset[str]:
    """The banks that an exam of a class may use in any case: those of its courses, and of the rules that hold."""
    holds = exam_of_class(session, class_id)
    return frozenset({one.code for one in choices(session, class_id, ())} | set(holds.blueprint.banks if holds else ()))


def bank_paths(session: Session, codes: Iterable[str]) -> dict[str, str | None]:
    """Where the units of some exam banks stand; None for a bank that no staff page shows. Practice banks are left out."""
    rows = session.execute(
        select(BankRow.code, UnitRow.path)
        .outerjoin(UnitRow, UnitRow.id == BankRow.unit_id)
        .where(BankRow.code.in_(list(codes)), BankRow.kind == "exam")
    )
    return {row.code: row.path for row in rows}


def plan_cells(session: Session, sections: Sequence[Section], seen: Set[str] | None = None) -> tuple[Cell, ...]:
    """What the cells of a plan hold now, those of banks that are `seen`. Two statements, whatever the size of the banks."""
    banks = {bank for section in sections for bank in section.banks}
    rows = session.execute(
        select(
            ItemVersionRow.bank_code,
            ItemVersionRow.type,
            ItemVersionRow.knowledge_point,
            ItemVersionRow.difficulty,
            func.count(),
        )
        .where(ItemVersionRow.bank_code.in_(banks), ItemVersionRow.state == "published")
        .group_by(
            ItemVersionRow.bank_code, ItemVersionRow.type, ItemVersionRow.knowledge_point, ItemVersionRow.difficulty
        )
    )
    held = tuple(Holding(*row) for row in rows)
    return cells(sections, held, _present(session, sections), seen)


def _present(session: Session, sections: Sequence[Section]) -> set[UUID]:
    """Those fixed items that may be drawn for their section."""
    placed = {version_id: section for section in sections for version_id in section.fixed}
    rows = session.execute(
        select(
            ItemVersionRow.id,
            ItemVersionRow.bank_code,
            ItemVersionRow.type,
            ItemVersionRow.knowledge_point,
            ItemVersionRow.difficulty,
        ).where(ItemVersionRow.id.in_(list(placed)), ItemVersionRow.state == "published")
    )
    return {
        row.id
        for row in rows
        if row.bank_code in placed[row.id].banks
        and row.type == placed[row.id].type
        and placed[row.id].takes(row.knowledge_point, row.difficulty)
    }


def known_points(session: Session, banks: Iterable[str], points: Iterable[str]) -> frozenset[str]:
    """Which of some knowledge points have a published item in the banks."""
    rows = session.execute(
        select(ItemVersionRow.knowledge_point)
        .where(
            ItemVersionRow.bank_code.in_(list(banks)),
            ItemVersionRow.state == "published",
            ItemVersionRow.knowledge_point.in_(list(points)),
        )
        .distinct()
    )
    return frozenset(rows.scalars())


def item_choices(
    session: Session, section: Section, *, after: UUID | None = None, limit: int
) -> tuple[ItemChoice, ...]:
    """Published items that a section may have, by id, those behind `after`."""
    behind = [] if after is None else [ItemVersionRow.id > after]
    return _item_choices(session, *_fits(section), *behind, limit=limit)


def fitting(session: Session, section: Section, version_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of some items are published and may stand in a section."""
    rows = session.execute(select(ItemVersionRow.id).where(*_fits(section), ItemVersionRow.id.in_(list(version_ids))))
    return frozenset(rows.scalars())


def _fits(section: Section) -> list[ColumnElement[bool]]:
    conditions = [
        ItemVersionRow.bank_code.in_(section.banks),
        ItemVersionRow.type == section.type,
        ItemVersionRow.state == "published",
    ]
    if section.knowledge_points:
        conditions.append(ItemVersionRow.knowledge_point.in_(section.knowledge_points))
    if section.difficulties:
        conditions.append(ItemVersionRow.difficulty.in_(section.difficulties))
    return conditions


def chosen_items(session: Session, version_ids: Sequence[UUID]) -> tuple[ItemChoice, ...]:
    """Some items in the order of their ids, published or not."""
    return _item_choices(session, ItemVersionRow.id.in_(version_ids), limit=len(version_ids))


def _item_choices(session: Session, *conditions: ColumnElement[bool], limit: int) -> tuple[ItemChoice, ...]:
    rows = session.execute(
        select(
            ItemVersionRow.id,
            ItemVersionRow.bank_code,
            ItemVersionRow.ref,
            ItemVersionRow.stem,
            ItemVersionRow.knowledge_point,
            ItemVersionRow.difficulty,
        )
        .where(*conditions)
        .order_by(ItemVersionRow.id)
        .limit(limit)
    )
    return tuple(ItemChoice(*row) for row in rows)
