"""What two do with one item at once leaves what one would have left; these are races of PostgreSQL."""

from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.infra.db import reading, unit_of_work
from lms.questionbank import service
from lms.questionbank.models import ItemFlagRow, ItemPieceRow, ItemVersionRow
from lms.questionbank.service import likeness
from tests.factories.items import typed_item
from tests.factories.people import NOW, make_land, make_person
from tests.factories.together import beside, caught

pytestmark = pytest.mark.postgres
BANK = "B-OWN"


def test_two_who_flag_an_item_at_once_leave_one_flag(clean: Flask) -> None:
    land = make_land()
    service.ensure_bank(BANK, "题库", unit_id=land.unit.id, now=NOW)
    people = [make_person(land.unit, name).person_id for name in ("甲", "乙")]
    version_id = service.create(BANK, typed_item(), author_id=people[0], now=NOW)
    results: dict[str, object] = {}

    def flags(person_id: UUID) -> None:
        service.flag(version_id, BANK, reason="工会法修正", actor_id=person_id, now=NOW)

    for number in range(1, 9):
        threads = [caught(partial(flags, one), results, f"{number} {one}") for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        with reading() as session:
            assert session.execute(select(func.count()).select_from(ItemFlagRow)).scalar_one() == number
        service.settle(version_id, BANK, actor_id=people[0], now=NOW)
    assert set(results.values()) == {None}


def test_two_tasks_that_compare_an_item_at_once_index_it_once(clean: Flask) -> None:
    land = make_land()
    service.ensure_bank(BANK, "题库", unit_id=land.unit.id, now=NOW)
    author = make_person(land.unit, "甲")
    version_id = service.create(BANK, typed_item(), author_id=author.person_id, now=NOW)
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).values(compared=False))
        likeness.forget_likeness(session, [version_id])

    def compares() -> None:
        with unit_of_work() as session:
            likeness.compare(session, version_id)

    assert beside(compares, compares) is None
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ItemPieceRow)).scalar_one() > 0
