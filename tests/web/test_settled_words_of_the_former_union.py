"""What staff of the former union wrote when they settled something about a person is not read by the next one."""

from uuid import UUID

import pytest
from flask import Flask

from lms.accounts.domain.corrections import Identity
from lms.accounts.service import corrections, memberships
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.learning.domain.suspicion import Ground
from lms.learning.models import WatchFlagRow
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Land, make_land, make_person, post, signed_in

WORDS = "调查组认为此人冒名"


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def who(land: Land) -> Principal:
    return make_person(land.other_unit, "调动者")


def moves(land: Land, who: Principal) -> None:
    by = at_work(make_admin(land.national, "全国"), land.national)
    memberships.move(who.person_id, land.unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)


def test_a_declined_correction(clean: Flask, land: Land, who: Principal) -> None:
    old, above = make_admin(land.other_province, "原省"), make_admin(land.national, "上级")
    made = corrections.ask(who.person_id, Identity.NAME, "调动人", reason="写错了", now=NOW)
    corrections.decide(made, approve=False, comment=WORDS, by=at_work(old, land.other_province), now=NOW)
    address = f"/staff/corrections/{made}"
    assert WORDS in signed_in(clean, old).get(address).text
    moves(land, who)
    assert signed_in(clean, make_admin(land.province, "新省")).get(address).status_code == 404
    assert WORDS in signed_in(clean, above).get(address).text, "who reaches both"
    assert WORDS in signed_in(clean, who).get("/me/data").text, "and the person"


def flag_of(person_id: UUID) -> UUID:
    flag_id = ids.new_id(NOW)
    facts = {"kind": Ground.REGULAR_BEATS.value, "day": NOW.date(), "evidence": {"beats": 200, "spread_ms": 2}}
    with unit_of_work() as session:
        session.add(WatchFlagRow(id=flag_id, person_id=person_id, raised_at=NOW, **facts))
    return flag_id


def test_a_decided_flag_and_an_answer(clean: Flask, land: Land, who: Principal) -> None:
    flag_id = flag_of(who.person_id)
    old = make_admin(land.other_province, "原省")
    address, own = f"/staff/flags/{flag_id}", f"/me/flags/{flag_id}"
    sent = {"decision": "talk", "reason": WORDS}
    assert post(signed_in(clean, old), f"{address}/decision", sent).status_code == 303
    moves(land, who)
    new = signed_in(clean, make_admin(land.province, "新省"))
    page = new.get(address).text
    assert WORDS not in page and "由其他工会办理" in page and "谈话提醒" in page
    learner = signed_in(clean, who)
    assert WORDS in learner.get(own).text
    assert post(learner, f"{own}/objection", {"text": "是我本人看的"}).status_code == 303
    assert WORDS in new.get(address).text, "who has to answer reads what was decided"
