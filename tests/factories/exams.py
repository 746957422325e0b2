"""A class whose courses each have a bank, its exam, and candidates who have completed as many courses as a test needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import update

from lms.accounts.service import identity
from lms.catalogue.models import CourseRow
from lms.classes import service as classes
from lms.classes.service import ClassPlan
from lms.exams import queries, service as exams
from lms.exams.domain.answers import names_on_page
from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.models import ExamRulesRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.learning.models import CourseCompletionRow
from lms.moderation import service as moderation
from lms.organisations.queries import Unit
from lms.questionbank import service as questionbank
from lms.questionbank.domain.exchange import Accepted, Blank, ExchangeItem, Kind, Number, Pair
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.models import BankRow, ItemVersionRow
from tests.factories.people import Land, make_land, make_person

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ITEMS_PER_CELL = 3
CANARY = "金丝雀"  # stands in everything of an item that must stay on the server
OPTIONS = {
    "single": [["A", "选项甲"], ["B", "选项乙"], ["C", "选项丙"], ["D", "选项丁"]],
    "multiple": [["A", "选项甲"], ["B", "选项乙"], ["C", "选项丙"], ["D", "选项丁"]],
    "true_false": [["T", "正确"], ["F", "错误"]],
}
KEYS = {"single": ["B"], "multiple": ["A", "C"], "true_false": ["F"]}
VARIED_KEYS = {
    "single": (["A"], ["C"], ["D"]),
    "multiple": (["A", "B"], ["B", "C", "D"], ["A", "D"]),
    "true_false": (["T"], ["F"], ["T"]),
}


@dataclass(frozen=True)
class Hall:
    """An exam with all that it rests on."""

    exam_id: UUID
    class_id: UUID
    land: Land
    course_ids: tuple[UUID, ...]
    banks: tuple[str, ...]


def standard_blueprint(banks: Sequence[str], *, minutes: int = 60, max_attempts: int = 3) -> Blueprint:
    """The exam of the eight-course class: 30 items, 100 points, pass at 60."""
    return Blueprint(
        (
            Section("single", 10, 4, tuple(banks)),
            Section("multiple", 10, 4, tuple(banks)),
            Section("true_false", 10, 2, tuple(banks)),
        ),
        minutes=minutes,
        pass_mark=60,
        max_attempts=max_attempts,
    )


def twenty_items(banks: Sequence[str]) -> Blueprint:
    """A paper of 20 items, of which the goals of speed speak: 100 points, pass at 60."""
    counts = {"single": 8, "multiple": 6, "true_false": 6}
    return Blueprint(
        tuple(Section(kind, count, 5, tuple(banks)) for kind, count in counts.items()),
        minutes=60,
        pass_mark=60,
        max_attempts=3,
    )


def make_hall(
    *,
    courses: int = 8,
    max_attempts: int = 3,
    minutes: int = 60,
    review: str = "full",
    varied_keys: bool = False,
    blueprint: Blueprint | None = None,
    now: datetime = NOW,
) -> Hall:
    """A class in phase implement, its courses with published items in their banks, and its exam.

    `varied_keys`: the items of a cell have different keys, so that an item taken for another is noticed.
    """
    land = make_land(now)
    author = make_person(land.unit, "李德齐", now=now).person_id
    banks = tuple(f"C{number}" for number in range(1, courses + 1))
    course_ids = tuple(_course(bank, author, land.unit, varied_keys, now) for bank in banks)
    blueprint = blueprint or standard_blueprint(banks, minutes=minutes, max_attempts=max_attempts)
    class_id, exam_id = _class_with_exam(land, course_ids, blueprint, author, review, now)
    return Hall(exam_id, class_id, land, course_ids, banks)


def own_banks(hall: Hall, unit: Unit | None = None, banks: Sequence[str] | None = None) -> None:
    """Gives these banks, or all there are, a unit, the nation's unless told: who reaches it may see their items."""
    owner = unit or hall.land.national
    statement = update(BankRow).values(unit_id=owner.id)
    with unit_of_work() as session:
        session.execute(statement if banks is None else statement.where(BankRow.code.in_(banks)))


def make_another_exam(hall: Hall, *, now: datetime = NOW) -> Hall:
    """A second class on the courses of a hall, with an exam of its own."""
    author = make_person(hall.land.unit, "班主任", now=now).person_id
    blueprint = standard_blueprint(hall.banks)
    class_id, exam_id = _class_with_exam(hall.land, hall.course_ids, blueprint, author, "full", now)
    return replace(hall, exam_id=exam_id, class_id=class_id)


def set_bell(hall: Hall, *, rings_at: datetime, now: datetime) -> None:
    """From now on the exam ends for everybody when the bell rings."""
    sections = standard_blueprint(hall.banks).sections
    _add_rules(hall.exam_id, sections, now=now, pass_mark=60, limits="end", closes_at=rings_at)


def _class_with_exam(
    land: Land, course_ids: tuple[UUID, ...], blueprint: Blueprint, author: UUID, review: str, now: datetime
) -> tuple[UUID, UUID]:
    plan = ClassPlan(
        name="非公企业工会主席上岗资格网络培训班",
        target_group="非公企业工会主席",
        kind="centralized",
        enrolment="open",
        starts_on=now.date() - timedelta(days=44),
        ends_on=now.date() + timedelta(days=40),
        certificate_name="工会干部上岗资格培训证书",
        certificate_kind="SG",
        unit_id=land.national.id,
        course_ids=course_ids,
        demo=False,
    )
    class_id = classes.create_class(plan, actor_id=author, now=now)
    classes.advance_phase(class_id, "implement", actor_id=author, now=now)
    return class_id, exams.create_exam(class_id, "结业考试", blueprint, review=review, actor_id=author, now=now)


def _add_rules(exam_id: UUID, sections: Sequence[Section], *, now: datetime, **terms: Any) -> None:
    """A second version of an exam's rules."""
    usual = {"minutes": 60, "max_attempts": 3, "grace_seconds": 3, "review": "full"}
    data = [{"type": o.type, "count": o.count, "points": o.points, "banks": list(o.banks)} for o in sections]
    with unit_of_work() as session:
        session.add(ExamRulesRow(exam_id=exam_id, version=2, sections=data, created_at=now, **usual, **terms))


def make_candidate(
    hall: Hall,
    name: str = "张三",
    *,
    completed: int | None = None,
    grants: Mapping[str, Unit] | None = None,
    now: datetime = NOW,
) -> Principal:
    """Someone known to their unit and enrolled, who has completed the first `completed` courses, all unless told.

    `grants`: roles of a member of staff who sits the exam too.
    """
    candidate = make_person(hall.land.unit, name, grants=grants, now=now)
    identity.vouch(candidate.person_id, actor_id=None, reason="test", now=now)
    enrol(hall, candidate.person_id, completed=completed, now=now)
    return candidate


def enrol(hall: Hall, person_id: UUID, *, completed: int | None = None, now: datetime = NOW) -> None:
    """Enrols somebody, who has completed the first `completed` courses, all unless told."""
    enrolment_id = classes.enrol(hall.class_id, person_id, now=now)
    with unit_of_work() as session:
        for course_id in hall.course_ids[:completed]:
            session.add(
                CourseCompletionRow(
                    id=ids.new_id(now),
                    person_id=person_id,
                    course_id=course_id,
                    enrolment_id=enrolment_id,
                    completed_at=now,
                )
            )


def right_answers(attempt_id: UUID) -> dict[int, list[str]]:
    """The key of each position of a paper, as its page tells it."""
    with reading() as session:
        entries = queries.paper(session, attempt_id).entries
    return {entry.position: list(entry.on_page(KEYS[entry.type])) for entry in entries}


def named(attempt_id: UUID, position: int, keys: Sequence[str]) -> list[str]:
    """What the page of an attempt calls these options, one by one, which the author calls `keys`; what is no option stays."""
    with reading() as session:
        entries = queries.paper(session, attempt_id).entries
    names = next((names_on_page(one.type, one.option_order) for one in entries if one.position == position), {})
    return [names.get(key, key) for key in keys]


def by_texts(kind: str, options: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a page calls each option of an item of these halls, by the author's key: found by the texts that stand on the page.

    `options`: name and text of each, as the page shows them. It asks nothing of the platform.
    """
    names = {text: name for name, text in options}
    return {key: names[text] for key, text in OPTIONS[kind]}


def _course(bank: str, author_id: UUID, unit: Unit, varied_keys: bool, now: datetime) -> UUID:
    course_id = ids.new_id(now)
    questionbank.ensure_bank(bank, f"题库{bank}", now=now)
    revision_id = moderation.create_revision(
        kind="lecture", subject_id=course_id, title=bank, author_id=author_id, unit_path=unit.path, now=now
    )
    with unit_of_work() as session:
        session.add(
            CourseRow(
                id=course_id, title=f"课程{bank}", bank_code=bank, author_id=author_id, demo=False, created_at=now
            )
        )
        position = 0
        for kind, options in OPTIONS.items():
            for number in range(1, ITEMS_PER_CELL + 1):
                position += 1
                item = _item(bank, revision_id, position, kind, options, number, now)
                item.answer = VARIED_KEYS[kind][number - 1] if varied_keys else item.answer
                session.add(item)
    return course_id


def _item(
    bank: str, revision_id: UUID, position: int, kind: str, options: list[list[str]], number: int, now: datetime
) -> ItemVersionRow:
    return ItemVersionRow(
        id=ids.new_id(now),
        bank_code=bank,
        revision_id=revision_id,
        position=position,
        ref=f"{bank}-{position:03}",
        type=kind,
        stem=f"题干 {bank} {kind} {number} 下列说法**不**正确的是 <b>&",
        options=options,
        answer=KEYS.get(kind, []),
        explanation=f"解析{CANARY}{position}",
        sources=[f"依据{CANARY}"],
        knowledge_point=f"知识点{CANARY}",
        difficulty=2,
        is_case=False,
        void_rule=f"失效{CANARY}",
        state="published",
        created_at=now,
    )


TYPED = (
    ExchangeItem(
        Kind.FILL_IN,
        "第{1}空与第{2}空",
        blanks=(
            Blank((Accepted("工会法"), Accepted("中华人民共和国工会法"))),
            Blank((Number(Decimal(50), Decimal(1)),)),
        ),
    ),
    ExchangeItem(Kind.MATCHING, "配对", pairs=(Pair("甲", "一"), Pair("乙", "二"), Pair("", "三"))),
    ExchangeItem(Kind.SHORT_ANSWER, "简答：工会是什么？", reference=f"参考{CANARY}"),
    ExchangeItem(
        Kind.CASE,
        "案例：某企业没有工会。",
        children=(
            ExchangeItem(Kind.SHORT_ANSWER, "怎样建立？", reference=f"参考{CANARY}"),
            ExchangeItem(Kind.SHORT_ANSWER, "谁来批准？"),
        ),
    ),
)
"""One item of each type that is not a choice."""


def make_hall_of_all_types(
    *, partial: str | None = None, by_hand: bool = True, shuffle_options: bool | None = None, now: datetime = NOW
) -> Hall:
    """A hall whose exam has two single and two multiple choices and, in the same bank, one item of each other type."""
    hall = make_hall(courses=1, now=now)
    typed = [one for one in TYPED if by_hand or one.kind in (Kind.FILL_IN, Kind.MATCHING)]
    with unit_of_work() as session:
        known = session.query(ItemVersionRow).filter_by(bank_code="C1", position=1).one()
        for position, item in enumerate(typed, start=50):
            row = _item("C1", known.revision_id, position, item.kind.value, [], position, now)
            row.stem, row.answer, row.content = item.stem, [], to_data(item)
            session.add(row)
    sections = (
        Section("single", 2, 4, ("C1",)),
        Section("multiple", 2, 4, ("C1",)),
        *(Section(one.kind.value, 1, 10, ("C1",)) for one in typed),
    )
    _add_rules(hall.exam_id, sections, now=now, pass_mark=20, partial=partial, shuffle_options=shuffle_options)
    return hall
