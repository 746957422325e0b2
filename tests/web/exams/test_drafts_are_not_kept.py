"""What is kept of an item is what was published: a look at a draft, even one that is refused, changes nothing of what is asked later."""

from collections.abc import Callable
from uuid import UUID

import pytest

from lms.access.domain import roles
from lms.exams import queries
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level, State
from lms.questionbank import service as questionbank
from lms.questionbank.domain.exchange import ExchangeItem
from tests.factories.exams import Hall, own_banks
from tests.factories.items import decide, typed_item, version
from tests.factories.people import NOW, make_person
from tests.web.exams.conftest import Seat
from tests.web.exams.test_rules_pages import begin

BANK = "C1"
TakeSeat = Callable[[Principal], Seat]


@pytest.mark.parametrize("way", ["picture", "form", "proposal"])
def test_a_look_at_a_draft_is_forgotten(hall: Hall, take_seat: TakeSeat, way: str) -> None:
    land = hall.land
    own_banks(hall)
    own_banks(hall, land.unit, [BANK])
    author = make_person(land.unit, "甲", grants={roles.UPLOADER: land.unit})
    manager = take_seat(make_person(land.national, "周文", grants={roles.CLASS_MANAGER: land.national}))
    province = make_person(land.unit, "省审", grants={roles.PROVINCE_REVIEWER: land.province})
    nation = make_person(land.unit, "国审", grants={roles.NATIONAL_REVIEWER: land.national})
    item = questionbank.create(BANK, words("没有审核的题干？", "甲"), author_id=author.person_id, now=NOW)
    regrade = f"/staff/exams/{hall.exam_id}/items/{item}/regrade"
    look = {
        "picture": lambda: manager.get(f"{begin(hall, manager)}/items/{item}/pictures/1"),
        "form": lambda: manager.get(regrade),
        "proposal": lambda: manager.post(regrade, {"way": "new_only", "key": "A", "reason": "核对"}),
    }[way]
    assert look().status_code == 404
    assert not asked(item), "and nothing of a draft is told by this way at all"
    questionbank.save(
        item,
        BANK,
        words("审核通过的题干？", "乙"),
        token=version(item).token,
        author_id=author.person_id,
        now=NOW,
    )
    questionbank.hand_in([item], BANK, actor_id=author.person_id, now=NOW)
    assert not asked(item), "reviewers may still return it"
    decide(item, Level.PROVINCE, province)
    assert decide(item, Level.NATIONAL, nation) is State.PUBLISHED
    assert asked(item) == "审核通过的题干？"


def words(stem: str, right: str) -> ExchangeItem:
    return typed_item(stem, options=tuple((text, text == right) for text in ("甲", "乙")))


def asked(version_id: UUID) -> str | None:
    """What an exam would ask by this version."""
    with reading() as session:
        found = queries.items(session, [version_id]).get(version_id)
    return found.stem if found else None
