"""An item whose author forbids it is shuffled nowhere: not in the exam, a round of practice or a mock exam."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select, update

from lms.exams import queries as papers, service as exams
from lms.exams.domain.blueprint import Blueprint, Section
from lms.infra.db import reading, unit_of_work
from lms.practice import service
from lms.practice.models import MockQuestionRow, PracticeStepRow
from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.illustrated import add_item
from tests.factories.practice import add_practice

TEXTS = ("丁", "丙", "乙", "甲", "以上都不对")
PEOPLE = 5
Orders = set[tuple[str, ...]]


@pytest.fixture
def hall(clean: object) -> Hall:
    sections = (Section("single", 1, 100, ("C1",)),)
    found = make_hall(courses=1, blueprint=Blueprint(sections, minutes=60, pass_mark=60, max_attempts=3))
    add_practice(found)
    return found


def the_only_item(hall: Hall, *, shuffle: bool) -> None:
    """Leaves one item to ask in the exam's bank and in that of practice."""
    choices = tuple(Choice(text, Decimal(100 if text == "乙" else 0)) for text in TEXTS)
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).values(state="withdrawn"))
    for bank in ("C1", "P1"):
        add_item(bank, ExchangeItem(Kind.SINGLE, "?", choices=choices, shuffle=shuffle), f"{bank}-only")


def orders(hall: Hall) -> Iterator[Orders]:
    """The orders in which candidates see the options: in the exam, in rounds, in mock exams."""
    people = [make_candidate(hall, f"考生{number}").person_id for number in range(PEOPLE)]
    begun = [exams.start_or_resume(hall.exam_id, one, now=NOW, seed=seed).attempt_id for seed, one in enumerate(people)]
    for seed, one in enumerate(people):
        service.start_round(hall.course_ids[0], one, service.COURSE, now=NOW, rng=Random(seed))
        service.start_mock(hall.class_id, one, now=NOW, seed=seed)
    with reading() as session:
        yield {entry.option_order for attempt_id in begun for entry in papers.paper(session, attempt_id).entries}
        for column in (PracticeStepRow.option_order, MockQuestionRow.option_order):
            told = session.execute(select(column)).scalars().all()
            assert len(told) == PEOPLE
            yield set(map(tuple, told))


def test_where_it_is_forbidden_the_options_stay_as_written(hall: Hall) -> None:
    the_only_item(hall, shuffle=False)
    assert list(orders(hall)) == [{("A", "B", "C", "D", "E")}] * 3


def test_where_it_is_not_they_do_not(hall: Hall) -> None:
    the_only_item(hall, shuffle=True)
    assert all(len(seen) > 1 for seen in orders(hall))
