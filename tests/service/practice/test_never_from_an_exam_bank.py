"""No item of an exam's bank is ever practised: not by a query, and the database lets none be written down."""

from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from lms.catalogue.models import CourseRow
from lms.infra.db import dialect, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.practice import queries, service
from lms.practice.models import MockExamRow, MockQuestionRow, PracticeRoundRow, PracticeStepRow, PractisedItemRow
from lms.questionbank.models import BankRow, ItemVersionRow
from tests.factories.exams import NOW, Hall


def item_of(bank: str) -> UUID:
    with reading() as session:
        return session.execute(select(ItemVersionRow.id).where(ItemVersionRow.bank_code == bank).limit(1)).scalar_one()


def kinds_of(version_ids: list[UUID]) -> set[str]:
    with reading() as session:
        return set(
            session.execute(
                select(BankRow.kind)
                .join(ItemVersionRow, ItemVersionRow.bank_code == BankRow.code)
                .where(ItemVersionRow.id.in_(version_ids))
            ).scalars()
        )


def untriggered(table: str, *names: str) -> None:
    """Takes guards away, as somebody with the database in hand would: the queries have to hold alone."""
    with unit_of_work() as session:
        for name in names:
            on = f" ON {table}" if dialect() == "postgresql" else ""
            session.execute(text(f"DROP TRIGGER {name}{on}"))


@pytest.fixture
def course_that_names_its_exam_bank(hall: Hall):
    """The second course names its exam's bank as its practice bank, which the triggers would refuse."""
    guards = ("course_practice_bank_insert", "course_practice_bank_update")
    with unit_of_work() as session:
        kept = _definitions(session, guards)
    untriggered("course", *guards)
    with unit_of_work() as session:
        session.execute(
            update(CourseRow).where(CourseRow.id == hall.course_ids[1]).values(practice_bank_code=hall.banks[1])
        )
    yield hall.course_ids[1]
    with unit_of_work() as session:
        session.execute(update(CourseRow).values(practice_bank_code=None))
        for definition in kept:
            session.execute(text(definition))


def _definitions(session, names: tuple[str, ...]) -> list[str]:
    if dialect() == "postgresql":
        asked = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name"
    else:
        asked = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
    return [session.execute(text(asked), {"name": name}).scalar_one() for name in names]


def test_a_course_that_names_its_exam_bank_still_offers_nothing_of_it(
    hall: Hall, learner: Principal, course_that_names_its_exam_bank: UUID
) -> None:
    course_id, person_id = course_that_names_its_exam_bank, learner.person_id
    with reading() as session:
        assert queries.candidates(session, course_id, person_id, book=False) == ()
        assert queries.points(session, course_id, person_id) == ()
        assert queries.courses(session, person_id, [person_id], course_id=course_id) == ()
        pool = queries.pool(session, hall.course_ids, "practice")
        assert sum(queries.held(session, hall.course_ids).values()) == len(pool) == 15
    assert kinds_of([one.version_id for one in pool]) == {"practice"}
    with pytest.raises(service.NothingToPractise):
        service.start_round(course_id, person_id, service.COURSE, now=NOW, rng=Random(1))


def test_rounds_and_mock_exams_hold_items_of_practice_banks_only(hall: Hall, learner: Principal) -> None:
    service.start_round(hall.course_ids[0], learner.person_id, service.COURSE, now=NOW, rng=Random(1))
    service.start_mock(hall.class_id, learner.person_id, now=NOW, seed=1)
    with reading() as session:
        asked = list(session.execute(select(PracticeStepRow.item_version_id)).scalars())
        asked += session.execute(select(MockQuestionRow.item_version_id)).scalars()
    assert len(asked) == 10 + 15
    assert kinds_of(asked) == {"practice"}


@pytest.mark.parametrize("column", ["practice_bank_code", "bank_code"])
def test_a_course_can_name_no_bank_of_the_other_kind(hall: Hall, column: str) -> None:
    wrong = {"practice_bank_code": hall.banks[0], "bank_code": "P1"}[column]
    with pytest.raises(DBAPIError, match="course: that is no bank"), unit_of_work() as session:
        session.execute(update(CourseRow).where(CourseRow.id == hall.course_ids[0]).values({column: wrong}))


@pytest.mark.parametrize("table", ["practice_step", "practised_item", "mock_question"])
def test_the_database_takes_no_item_of_an_exam_bank(hall: Hall, learner: Principal, table: str) -> None:
    item = item_of(hall.banks[0])
    round_id, mock_id = ids.new_id(NOW), ids.new_id(NOW)
    rows = {
        "practice_step": PracticeStepRow(round_id=round_id, position=1, item_version_id=item, option_order=[]),
        "practised_item": PractisedItemRow(
            person_id=learner.person_id, bank_code="P1", ref="X", item_version_id=item, times_right=1, times_wrong=0,
            right_in_row=1, in_book=False, last_at=NOW,
        ),
        "mock_question": MockQuestionRow(
            mock_exam_id=mock_id, position=1, item_version_id=item, type="single", points=1, option_order=[], given=[]
        ),
    }  # fmt: skip
    with unit_of_work() as session:
        session.add(
            PracticeRoundRow(
                id=round_id, person_id=learner.person_id, course_id=hall.course_ids[0], source="course", started_at=NOW
            )
        )
        session.add(
            MockExamRow(
                id=mock_id, person_id=learner.person_id, class_id=hall.class_id, seed=1, pass_mark=1, maximum=1,
                partial="all_or_nothing", started_at=NOW, deadline=NOW.replace(year=2030),
            )
        )  # fmt: skip
    with pytest.raises(DBAPIError, match="not for practice"), unit_of_work() as session:
        session.add(rows[table])
        session.flush()
