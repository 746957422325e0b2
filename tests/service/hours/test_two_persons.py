"""A correction of the ledger takes two persons, neither of them the learner; the database says so too. Requirement 10."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.hours import queries, service
from lms.hours.service import Correction
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Invalid, NotFound
from lms.learning.events import ReversalProposed, reversal_proposed
from tests.factories.hands import hand_code
from tests.factories.joining import as_one
from tests.factories.learning import NOW, Course, School
from tests.factories.together import at_once
from tests.service.hours.ledger import credited, lines


@pytest.fixture
def entry(course: Course, learner: UUID) -> UUID:
    return credited(course, learner)


def one(school: School) -> Staff:
    return Staff(school.author_id, (school.unit_path,))


def other(school: School) -> Staff:
    return Staff(school.national_reviewer_id, (school.unit_path,))


def proposed(school: School, entry_id: UUID, kind: Correction = Correction.REVERSAL) -> UUID:
    return service.propose(entry_id, kind, by=one(school), reason="误计", now=NOW)


def test_a_proposal_changes_nothing_until_another_person_confirms(school: School, learner: UUID, entry: UUID) -> None:
    waiting = proposed(school, entry)
    assert [line.hours for line in lines(learner)] == [400]
    service.confirm(waiting, by=other(school), comment="属实", now=NOW)
    assert sorted(line.hours for line in lines(learner)) == [-400, 400]
    again = proposed(school, entry, Correction.RECREDIT)
    service.confirm(again, by=other(school), comment="", now=NOW)
    assert sum(line.hours for line in lines(learner)) == 400
    with reading() as session:
        found = queries.correction(session, waiting, (school.unit_path,))
    assert (found.state, found.proposer, found.decider, found.comment) == ("confirmed", "录课人", "全国审核", "属实")


def test_who_proposed_does_not_confirm(school: School, learner: UUID, entry: UUID) -> None:
    waiting = proposed(school, entry)
    with pytest.raises(service.SecondPerson):
        service.confirm(waiting, by=one(school), comment="", now=NOW)
    with pytest.raises(service.SecondPerson):
        service.reverse(entry, actor_id=school.author_id, second_id=school.author_id, reason="误计", now=NOW)
    assert len(lines(learner)) == 1


def test_two_accounts_of_one_person_are_no_two_persons(school: School, entry: UUID) -> None:
    waiting = proposed(school, entry)
    as_one(school.national_reviewer_id, school.author_id)
    with pytest.raises(service.SecondPerson):
        service.confirm(waiting, by=other(school), comment="", now=NOW)


def test_who_was_let_in_by_the_first_is_no_second_person(school: School, learner: UUID, entry: UUID) -> None:
    waiting = proposed(school, entry)
    hand_code(school.author_id, school.national_reviewer_id, at=NOW - timedelta(days=3))
    for decide in (service.confirm, service.decline):
        with pytest.raises(InOneHand):
            decide(waiting, by=other(school), comment="属实", now=NOW)
    service.withdraw_correction(waiting, by=one(school), now=NOW)
    one_id, other_id = school.author_id, school.national_reviewer_id
    with pytest.raises(InOneHand):
        service.reverse(entry, actor_id=one_id, second_id=other_id, reason="误计", now=NOW)
    assert len(lines(learner)) == 1


def test_nobody_corrects_their_own_hours(school: School, learner: UUID, entry: UUID) -> None:
    own = Staff(learner, (school.unit_path,))
    with pytest.raises(service.OwnHours):
        service.propose(entry, Correction.REVERSAL, by=own, reason="误计", now=NOW)
    waiting = proposed(school, entry)
    with pytest.raises(service.OwnHours):
        service.confirm(waiting, by=own, comment="", now=NOW)


def test_outside_the_reach_there_is_neither_entry_nor_proposal(school: School, entry: UUID) -> None:
    stranger = Staff(school.province_reviewer_id, ("/elsewhere/",))
    with pytest.raises(NotFound):
        service.propose(entry, Correction.REVERSAL, by=stranger, reason="误计", now=NOW)
    waiting = proposed(school, entry)
    for decide in (service.confirm, service.decline):
        with pytest.raises(NotFound):
            decide(waiting, by=stranger, comment="不属实", now=NOW)
    with pytest.raises(NotFound):
        service.withdraw_correction(waiting, by=stranger, now=NOW)
    moved = Staff(school.author_id, ("/elsewhere/",))
    with pytest.raises(NotFound):
        service.withdraw_correction(waiting, by=moved, now=NOW)


def test_a_proposal_is_decided_once_and_one_waits_at_a_time(school: School, learner: UUID, entry: UUID) -> None:
    waiting = proposed(school, entry)
    with pytest.raises(service.ProposedAlready):
        proposed(school, entry)
    with pytest.raises(Invalid):
        service.decline(waiting, by=other(school), comment=" ", now=NOW)
    service.decline(waiting, by=other(school), comment="没有误计", now=NOW)
    with pytest.raises(service.CorrectionSettled):
        service.confirm(waiting, by=other(school), comment="", now=NOW)
    second = proposed(school, entry)
    service.withdraw_correction(second, by=one(school), now=NOW)
    with pytest.raises(service.CorrectionSettled):
        service.withdraw_correction(second, by=one(school), now=NOW)
    assert len(lines(learner)) == 1


def test_two_who_confirm_at_once_write_one_entry(school: School, learner: UUID, entry: UUID) -> None:
    waiting = proposed(school, entry)
    third = Staff(school.province_reviewer_id, (school.unit_path,))
    results = at_once(
        lambda: service.confirm(waiting, by=other(school), comment="", now=NOW),
        lambda: service.confirm(waiting, by=third, comment="", now=NOW),
    )
    assert sorted(isinstance(result, UUID) for result in results) == [False, True]
    assert sorted(line.hours for line in lines(learner)) == [-400, 400]


@pytest.mark.parametrize(
    "change",
    [
        "decided_by = proposed_by, decided_at = proposed_at, state = 'confirmed'",
        "decided_by = person_id, decided_at = proposed_at, state = 'confirmed'",
        "state = 'confirmed'",
        "reason = '另一个理由'",
    ],
)
def test_the_database_refuses_what_the_service_would(school: School, entry: UUID, change: str) -> None:
    proposed(school, entry)
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(f"UPDATE hours_correction SET {change}"))


def test_the_ledger_takes_no_reversal_that_nobody_confirmed(school: School, learner: UUID, entry: UUID) -> None:
    proposed(school, entry)
    (line,) = lines(learner)
    same = {column.key: getattr(line, column.key) for column in type(line).__table__.columns}
    told = {"hours": -400, "reversal_of": entry, "reason": "误计", "actor_id": school.author_id}
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(type(line)(**{**same, **told, "id": ids.new_id(NOW)}))


@pytest.mark.parametrize(("days_off", "proposals"), [(0, 1), (1, 0)], ids=["THAT_DAY", "THE_DAY_AFTER"])
def test_what_a_flag_proposes_to_take_back_waits_for_a_second_person(
    school: School, learner: UUID, entry: UUID, days_off: int, proposals: int
) -> None:
    earned = lines(learner)[0].earned_at
    day = earned.astimezone(SHANGHAI).date() + timedelta(days=days_off)
    event = ReversalProposed(ids.new_id(NOW), learner, day, "本人承认使用脚本", school.author_id, NOW)
    for _time in range(2):  # saying it twice proposes nothing twice
        reversal_proposed.send(None, event=event)
    with reading() as session:
        waiting = queries.waiting_corrections(session, (school.unit_path,), limit=9)
    assert [(one.entry_id, one.state) for one in waiting] == [(entry, "proposed")] * proposals
    assert [line.hours for line in lines(learner)] == [400], "the ledger waits for the second person"
