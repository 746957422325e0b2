"""A dispute keeps every word: filed by the learner, answered by the unit, looked at once more one level up. Requirement 58."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.audit.models import AuditEntryRow
from lms.hours import queries, service
from lms.hours.domain.disputes import State
from lms.infra import db
from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.scope import covers
from tests.factories import learning
from tests.factories.hands import hand_code
from tests.factories.joining import as_one
from tests.factories.learning import NOW, Course, School, add_person
from tests.service.hours.ledger import credited


@pytest.fixture
def entry(course: Course, learner: UUID) -> UUID:
    return credited(course, learner)


def unit_staff(school: School) -> Staff:
    return Staff(school.author_id, (school.unit_path,))


def province_staff(school: School) -> Staff:
    return Staff(school.province_reviewer_id, (school.unit_path.rstrip("/").rpartition("/")[0] + "/",))


def filed(learner: UUID, entry: UUID | None = None, about: str = "去年的面授班") -> UUID:
    return service.file_dispute(learner, entry_id=entry, about=about, text="少计了", now=NOW)


def answered(school: School, dispute_id: UUID, by: Staff | None = None, *, upheld: bool = False) -> State:
    return service.answer_dispute(dispute_id, by=by or unit_staff(school), upheld=upheld, text="已核对", now=NOW)


def seen(school: School, by: Staff) -> list[UUID]:
    with reading() as session:
        return [one.id for one in queries.disputes_to_answer(session, by.scopes, limit=10)]


def test_the_whole_way_is_kept_word_by_word(school: School, learner: UUID, entry: UUID) -> None:
    dispute_id = filed(learner, entry)
    assert seen(school, unit_staff(school)) == seen(school, province_staff(school)) == [dispute_id]
    assert answered(school, dispute_id) is State.ANSWERED
    service.escalate_dispute(dispute_id, person_id=learner, text="不同意", now=NOW)
    assert seen(school, unit_staff(school)) == [] and seen(school, province_staff(school)) == [dispute_id]
    with pytest.raises(NotFound):
        answered(school, dispute_id)
    assert answered(school, dispute_id, province_staff(school), upheld=True) is State.DECIDED
    with reading() as session:
        found, words = queries.own_dispute(session, learner, dispute_id)
        audited = session.execute(
            select(AuditEntryRow.action).where(AuditEntryRow.object_type == "hours_dispute")
        ).scalars()
        assert sorted(audited) == [f"hours.dispute_{act}" for act in ("answered", "decided", "escalated", "filed")]
    assert (found.about, found.state) == ("劳动关系与工会", "decided")
    assert [(one.act, one.actor_id, one.outcome, one.text) for one in words] == [
        ("filed", learner, "", "少计了"),
        ("answered", school.author_id, "declined", "已核对"),
        ("escalated", learner, "", "不同意"),
        ("decided", school.province_reviewer_id, "upheld", "已核对"),
    ]


def test_missing_hours_are_disputed_by_name(school: School, learner: UUID) -> None:
    dispute_id = filed(learner)
    with reading() as session:
        (found,) = queries.own_disputes(session, learner, limit=10)
    assert (found.id, found.about, found.entry_id) == (dispute_id, "去年的面授班", None)
    for wrong in ({"about": " "}, {"text": ""}, {"text": "长" * 1001}, {"text": "请拨 13800000000"}):
        with pytest.raises(Invalid):
            service.file_dispute(learner, **{"entry_id": None, "about": "班", "text": "少", "now": NOW, **wrong})


def test_the_second_answer_comes_from_another_person_even_with_wider_reach(school: School, learner: UUID) -> None:
    dispute_id = filed(learner)
    answered(school, dispute_id, province_staff(school))
    service.escalate_dispute(dispute_id, person_id=learner, text="不同意", now=NOW)
    nation = province_staff(school).scopes[0].rstrip("/").rpartition("/")[0] + "/"
    assert covers(nation, school.unit_path)
    with pytest.raises(NotFound):
        answered(school, dispute_id, province_staff(school))
    with pytest.raises(service.SamePerson):
        answered(school, dispute_id, Staff(school.province_reviewer_id, (nation,)))
    third = add_person(school.unit_id)
    as_one(third, school.province_reviewer_id)
    with pytest.raises(service.SamePerson):
        answered(school, dispute_id, Staff(third, (nation,)))
    made = add_person(school.unit_id)
    hand_code(school.province_reviewer_id, made, at=NOW - timedelta(days=3))
    with pytest.raises(InOneHand):
        answered(school, dispute_id, Staff(made, (nation,)))
    assert answered(school, dispute_id, Staff(school.national_reviewer_id, (nation,))) is State.DECIDED


def test_nobody_answers_their_own_and_nobody_sees_another_s(school: School, learner: UUID, entry: UUID) -> None:
    dispute_id = filed(learner, entry)
    with pytest.raises(service.OwnHours):
        answered(school, dispute_id, Staff(learner, (school.unit_path,)))
    stranger = learning.add_person(school.unit_id, "李四")
    with pytest.raises(NotFound):
        filed(stranger, entry)
    for act in (service.withdraw_dispute, service.escalate_dispute):
        with pytest.raises(NotFound):
            act(dispute_id, person_id=stranger, now=NOW, **({"text": "x"} if act is service.escalate_dispute else {}))


def test_steps_that_have_no_place_are_refused(school: School, learner: UUID, entry: UUID) -> None:
    dispute_id = filed(learner, entry)
    with pytest.raises(service.DisputedAlready):
        filed(learner, entry)
    with pytest.raises(service.DisputeMoved):
        service.escalate_dispute(dispute_id, person_id=learner, text="不同意", now=NOW)
    service.withdraw_dispute(dispute_id, person_id=learner, now=NOW)
    with pytest.raises(service.DisputeMoved):
        answered(school, dispute_id)
    filed(learner, entry)


def test_ten_may_wait_at_a_time(learner: UUID) -> None:
    for number in range(10):
        filed(learner, about=f"培训{number}")
    with pytest.raises(service.TooManyDisputes):
        filed(learner, about="又一次培训")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE hours_dispute SET state = 'decided'",
        "UPDATE hours_dispute SET about = '另一门'",
        "DELETE FROM hours_dispute_word",
        "UPDATE hours_dispute_word SET text = '改过'",
        "INSERT INTO hours_dispute_word SELECT id, dispute_id, 'answered', actor_id, 'upheld', text, at FROM hours_dispute_word",
    ],
)
def test_the_database_refuses_what_has_no_place(learner: UUID, entry: UUID, change: str) -> None:
    filed(learner, entry)
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(change))
