"""What takes two persons is not done by one with two accounts, once it is known that both are theirs."""

import pytest
from flask import Flask

from lms.accommodations import service as accommodations
from lms.accounts.domain.reach import Staff
from lms.accounts.service import joining
from lms.exams import service as exams
from lms.exams.domain.marking import Plan
from lms.exams.service import planning, planrefusals, sittings
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.moderation import service as moderation
from lms.moderation.domain.workflow import Level
from lms.moderation.service import Decision, MayNotReview
from lms.offline import service as offline
from lms.offline.domain.workflow import Act
from lms.questionbank import service as questionbank
from tests.factories.accommodations import proposal
from tests.factories.exams import NOW, Hall, make_candidate, make_hall, make_hall_of_all_types
from tests.factories.items import BANK, decide, make_desk, typed_item
from tests.factories.joining import as_one
from tests.factories.marking import hand_in
from tests.factories.outside import make_office, submitted
from tests.factories.people import NOW as TODAY, make_land, make_person
from tests.service.exams.test_marking import give, take
from tests.service.exams.test_planning import proposed

HASH = "0" * 64


def pair(hall: Hall) -> tuple[Staff, Staff]:
    """Two members of staff over the nation."""
    path = hall.land.national.path
    first, second = (make_person(hall.land.national, "同一人", now=NOW).person_id for _ in range(2))
    return Staff(first, (path,)), Staff(second, (path,))


def test_a_sitting(clean: Flask) -> None:
    hall = make_hall()
    gone, kept = pair(hall)
    learner = make_candidate(hall).person_id
    asked = sittings.ask_sitting(hall.exam_id, learner, sittings.Asked(1), "生病", by=gone, now=NOW)
    as_one(kept.person_id, gone.person_id)
    with pytest.raises(sittings.GranterAsked):
        sittings.decide_sitting(asked, grant=True, by=kept, now=NOW)


def test_rules_of_an_exam(clean: Flask) -> None:
    hall = make_hall()
    gone, kept = pair(hall)
    draft_id = proposed(hall, gone)
    as_one(kept.person_id, gone.person_id)
    with pytest.raises(planrefusals.PublisherIsDrafter):
        planning.publish_rules(draft_id, by=kept, now=NOW)


def test_more_time(clean: Flask) -> None:
    hall = make_hall()
    gone, kept = pair(hall)
    exams.start_or_resume(hall.exam_id, make_candidate(hall).person_id, now=NOW, seed=1)
    asked = exams.ask_more_time(hall.exam_id, None, 5, "停电", by=gone.person_id, reach=EVERYWHERE, now=NOW)
    as_one(kept.person_id, gone.person_id)
    with pytest.raises(exams.NotDecidable, match="另一位"):
        exams.decide_more_time(asked, approve=True, by=kept.person_id, reach=EVERYWHERE, now=NOW)


def test_two_marks(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    gone, kept = pair(hall)
    hand_in(hall, make_candidate(hall))
    exams.set_plan(hall.exam_id, Plan(2, 20), by=gone, now=NOW)
    answer = take(hall, gone)
    assert answer
    give(answer, "5", by=gone)
    as_one(kept.person_id, gone.person_id)
    assert take(hall, kept) is None


def test_an_accommodation(clean: Flask) -> None:
    hall = make_hall()
    gone, kept = pair(hall)
    waiting = accommodations.propose(make_candidate(hall).person_id, proposal(150), by=gone, now=NOW)
    as_one(kept.person_id, gone.person_id)
    with pytest.raises(accommodations.SecondPerson):
        accommodations.confirm(waiting, by=kept, comment="", now=NOW)


def test_a_joining(clean: Flask) -> None:
    hall = make_hall()
    gone, kept = pair(hall)
    one, other = (make_person(hall.land.unit, "学员", now=NOW).person_id for _ in range(2))
    waiting = joining.propose(one, other, by=gone, reason="同一人", now=NOW)
    as_one(kept.person_id, gone.person_id)
    with pytest.raises(joining.AnotherPersonNeeded):
        joining.confirm(waiting, by=kept, now=NOW)


@pytest.mark.parametrize("level", [Level.PROVINCE, Level.NATIONAL])
def test_a_lecture(clean: Flask, level: Level) -> None:
    unit = make_land().unit
    gone, province, kept = (make_person(unit, "同一人").person_id for _ in range(3))
    revision_id = moderation.create_revision(
        kind="other", subject_id=gone, title="一讲", author_id=gone, unit_path=unit.path, now=TODAY
    )
    moderation.submit(revision_id, author_id=gone, content_hash=HASH, now=TODAY)
    moderation.pass_checks(revision_id, now=TODAY)
    approval = Decision("approve", "", HASH, 100, dict.fromkeys(moderation.PRINCIPLES, True))
    if level is Level.NATIONAL:
        moderation.decide(revision_id, Level.PROVINCE, approval, reviewer_id=province, now=TODAY)
        gone = province
    as_one(kept, gone)
    with pytest.raises(MayNotReview):
        moderation.decide(revision_id, level, approval, reviewer_id=kept, now=TODAY)


def test_an_item(clean: Flask) -> None:
    desk = make_desk(make_land())
    version_id = questionbank.create(BANK, typed_item(), author_id=desk.author.person_id, now=TODAY)
    questionbank.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=TODAY)
    as_one(desk.province.person_id, desk.author.person_id)
    with pytest.raises(MayNotReview):
        decide(version_id, Level.PROVINCE, desk.province)


@pytest.mark.parametrize("whose", ["clerk", "listed"])
def test_a_training(clean: Flask, whose: str) -> None:
    office = make_office()
    training_id = submitted(office)
    theirs: Principal = {"clerk": office.clerk, "listed": office.one}[whose]
    as_one(office.province.person_id, theirs.person_id)
    with pytest.raises(offline.MayNotDecide):
        offline.decide(training_id, Act.APPROVE, "", by=office.deciding, now=TODAY)
