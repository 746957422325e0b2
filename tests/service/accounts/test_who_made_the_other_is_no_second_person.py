"""What takes two persons is not done by one who made the other: gave the role, or the code that let them in, lately."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.access.service import NewGrant
from lms.accommodations import service as accommodations
from lms.accounts import queries
from lms.accounts.domain.hands import RAISED, SAME_DAY
from lms.accounts.domain.reach import Staff
from lms.accounts.service import codes, joining, people
from lms.accounts.service.second_person import InOneHand
from lms.exams import service as exams
from lms.exams.service import planning, sittings
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.offline import queries as trainings, service as offline
from lms.offline.domain.workflow import Act
from tests.factories.accommodations import proposal
from tests.factories.cadres import make_facts
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.hands import hand_code
from tests.factories.joining import as_one
from tests.factories.outside import make_office, submitted
from tests.factories.people import NOW as TODAY, make_land, make_person
from tests.service.exams.test_planning import proposed

DAY = timedelta(days=1)


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall()


@pytest.fixture
def pair(hall: Hall) -> tuple[Staff, Staff]:
    """Two members of staff over the nation; the first let the second in."""
    path = hall.land.national.path
    first, second = (make_person(hall.land.national, name, now=NOW).person_id for name in ("提出人", "确认人"))
    hand_code(first, second, at=NOW - DAY)
    return Staff(first, (path,)), Staff(second, (path,))


def test_a_sitting(hall: Hall, pair: tuple[Staff, Staff]) -> None:
    learner = make_candidate(hall).person_id
    asked = sittings.ask_sitting(hall.exam_id, learner, sittings.Asked(1), "生病", by=pair[0], now=NOW)
    with pytest.raises(InOneHand):
        sittings.decide_sitting(asked, grant=True, by=pair[1], now=NOW)


def test_rules_of_an_exam(hall: Hall, pair: tuple[Staff, Staff]) -> None:
    draft_id = proposed(hall, pair[0])
    with pytest.raises(InOneHand):
        planning.publish_rules(draft_id, by=pair[1], now=NOW)


def test_more_time(hall: Hall, pair: tuple[Staff, Staff]) -> None:
    exams.start_or_resume(hall.exam_id, make_candidate(hall).person_id, now=NOW, seed=1)
    asked = exams.ask_more_time(hall.exam_id, None, 5, "停电", by=pair[0].person_id, reach=EVERYWHERE, now=NOW)
    with pytest.raises(InOneHand):
        exams.decide_more_time(asked, approve=True, by=pair[1].person_id, reach=EVERYWHERE, now=NOW)


def test_an_accommodation(hall: Hall, pair: tuple[Staff, Staff]) -> None:
    waiting = accommodations.propose(make_candidate(hall).person_id, proposal(150), by=pair[0], now=NOW)
    with pytest.raises(InOneHand):
        accommodations.confirm(waiting, by=pair[1], comment="", now=NOW)


def test_a_joining(hall: Hall, pair: tuple[Staff, Staff]) -> None:
    one, other = (make_person(hall.land.unit, "学员", now=NOW).person_id for _ in range(2))
    waiting = joining.propose(one, other, by=pair[0], reason="同一人", now=NOW)
    with pytest.raises(InOneHand):
        joining.confirm(waiting, by=pair[1], now=NOW)


def test_a_training(clean: Flask) -> None:
    office = make_office()
    training_id = submitted(office)
    hand_code(office.clerk.person_id, office.province.person_id, at=TODAY - DAY)
    with reading() as session:
        found = offline.look(
            session, trainings.training(session, training_id, (office.land.national.path,)), office.deciding, now=TODAY
        )
    assert "第二人" in found.why_not
    with pytest.raises(offline.MayNotDecide, match="第二人"):
        offline.decide(training_id, Act.APPROVE, "", by=office.deciding, now=TODAY)


def test_help_that_two_give(clean: Flask) -> None:
    long_ago = TODAY - timedelta(days=9)
    land = make_land(long_ago)
    helped, asker, other = (
        make_person(land.national, name, grants={roles.UNIT_ADMIN: land.national}, now=long_ago)
        for name in ("被帮助人", "申请人", "确认人")
    )
    asked = access.ask(helped.person_id, Help.SIGN_IN_CODE, reason="手机丢失", by=asker, now=TODAY)
    hand_code(asker.person_id, other.person_id, at=TODAY - DAY)
    with pytest.raises(InOneHand):
        access.confirm(asked, by=other, hours=24, now=TODAY)


def test_a_given_role_counts_as_well(clean: Flask) -> None:
    """Through the real service: who was appointed by the first one today, or by somebody whom the first one appointed."""
    land = make_land(TODAY - timedelta(days=90))
    chief = make_person(land.province, "主任", grants={roles.UNIT_ADMIN: land.province}, now=TODAY)
    deputy, clerk = (make_person(land.province, name, now=TODAY) for name in ("副主任", "干事"))
    appoint(chief.person_id, deputy.person_id, land.province.id, TODAY)
    appoint(deputy.person_id, clerk.person_id, land.province.id, TODAY + timedelta(minutes=1))
    later = TODAY + timedelta(minutes=2)
    assert together(chief.person_id, deputy.person_id, later)
    assert together(chief.person_id, clerk.person_id, later), "through the deputy"
    assert together(clerk.person_id, chief.person_id, later), "nor the other way round on the same day"
    next_day = later + SAME_DAY
    assert not together(clerk.person_id, chief.person_id, next_day), "a chief confirms what their staff propose"
    assert together(chief.person_id, clerk.person_id, next_day)
    assert not together(chief.person_id, clerk.person_id, later + RAISED)


def appoint(by: UUID, person_id: UUID, unit_id: UUID, now: datetime) -> None:
    with reading() as session:
        giver = access_queries.principal_of_person(session, by, now=now)
    assert giver
    access.grant(NewGrant(person_id, roles.UNIT_ADMIN, unit_id, now, None, "分工"), giver=giver, now=now)


def together(first: UUID, second: UUID, now: datetime) -> bool:
    with reading() as session:
        return queries.in_one_hand(session, second, [first], now=now)


@pytest.mark.parametrize("joined", ["giver", "second"])
def test_all_accounts_of_a_person_are_one_hand(clean: Flask, joined: str) -> None:
    """Whoever gave the code by an account that was joined since, or to one, is still the one who gave it."""
    land = make_land(TODAY - timedelta(days=90))
    first, old_first, second, old_second = (make_person(land.province, "同一人", now=TODAY).person_id for _ in range(4))
    if joined == "giver":
        hand_code(old_first, second, at=TODAY)
        as_one(first, old_first)
    else:
        hand_code(first, old_second, at=TODAY)
        as_one(second, old_second)
    assert together(first, second, TODAY + 2 * DAY)
    assert not together(second, first, TODAY + 2 * DAY)


def test_a_text_message_waits_a_day_after_staff_changed_the_number_of_one_of_them(clean: Flask) -> None:
    land = make_land(TODAY - timedelta(days=90))
    chief = make_person(land.national, "管理员", now=TODAY).person_id
    deputy = make_person(land.province, "副主任", grants={roles.UNIT_ADMIN: land.province}, now=TODAY)
    learner = make_person(land.province, "学员", now=TODAY)
    by = Staff(chief, (land.national.path,))
    for one in (deputy, learner):
        people.edit(one.person_id, make_facts("王建国", "13911112222"), by=by, naming=by.scopes, now=TODAY)

    def letter(username: str | None, now: datetime) -> bool:
        return codes.letter_for(username or "", ways=("sms",), hours=24, now=now) is not None

    assert letter(learner.username, TODAY)
    assert not letter(deputy.username, TODAY) and not letter(deputy.username, TODAY + timedelta(hours=23))
    assert letter(deputy.username, TODAY + SAME_DAY)
