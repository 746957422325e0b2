"""Make-up sittings: asked for by one, granted by another, and what they let a learner do. Requirement 35."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.accounts.domain.reach import Staff
from lms.exams import queries, service
from lms.exams.models import AttemptRow, ExamRulesRow, SittingRequestRow, SittingRow
from lms.exams.service import sittings
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person

DAY = timedelta(days=1)
ONE_MORE = sittings.Asked(1)
LATE = NOW + 60 * DAY
OWN_TIME = sittings.Asked(1, LATE, LATE + timedelta(minutes=40))


def clerk(hall: Hall, name: str) -> Staff:
    return Staff(make_person(hall.land.national, name).person_id, (hall.land.national.path,))


@pytest.fixture
def one(hall: Hall) -> Staff:
    return clerk(hall, "提出人")


@pytest.fixture
def other(hall: Hall) -> Staff:
    return clerk(hall, "确认人")


def ask(hall: Hall, person: Principal, by: Staff, asked: sittings.Asked = ONE_MORE):
    return sittings.ask_sitting(hall.exam_id, person.person_id, asked, "生病", by=by, now=NOW)


def start(hall: Hall, person: Principal, at):
    return service.start_or_resume(hall.exam_id, person.person_id, now=at, seed=7)


def use_up(hall: Hall, person: Principal) -> None:
    for _ in range(3):
        service.submit(start(hall, person, NOW).attempt_id, person.person_id, now=NOW)


def test_a_granted_sitting_gives_another_attempt(hall: Hall, candidate: Principal, one: Staff, other: Staff) -> None:
    use_up(hall, candidate)
    request_id = ask(hall, candidate, one)
    with pytest.raises(service.AttemptsUsedUp):
        start(hall, candidate, NOW)
    sittings.decide_sitting(request_id, grant=True, by=other, now=NOW)
    assert start(hall, candidate, NOW).created
    with reading() as session:
        row = session.get_one(SittingRow, request_id)
        assert (row.by_id, row.second_by_id, row.reason) == (one.person_id, other.person_id, "生病")
        (seen,) = queries.sittings.sittings_of(session, hall.exam_id, candidate.person_id)
    assert (seen.attempts, seen.opens_at) == (1, None)


def test_nobody_grants_what_they_asked_for_nor_for_themselves(
    hall: Hall, candidate: Principal, one: Staff, other: Staff
) -> None:
    request_id = ask(hall, candidate, one)
    with pytest.raises(sittings.GranterAsked):
        sittings.decide_sitting(request_id, grant=True, by=one, now=NOW)
    own = replace(other, person_id=candidate.person_id)
    with pytest.raises(sittings.OwnSitting):
        sittings.decide_sitting(request_id, grant=True, by=own, now=NOW)
    with pytest.raises(sittings.OwnSitting):
        ask(hall, candidate, own)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(SittingRequestRow).values(state="granted", decided_by=one.person_id, decided_at=NOW))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(SittingRequestRow).values(attempts=5))


def test_a_sitting_in_its_own_time_lets_one_person_begin_after_the_class(
    hall: Hall, candidate: Principal, one: Staff, other: Staff
) -> None:
    sittings.decide_sitting(ask(hall, candidate, one, OWN_TIME), grant=True, by=other, now=NOW)
    stranger = make_candidate(hall, "李四")
    with pytest.raises(service.ExamNotOpen):
        start(hall, stranger, LATE)
    for at in (LATE - timedelta(seconds=1), LATE + timedelta(minutes=40)):
        with pytest.raises(service.ExamNotOpen):
            start(hall, candidate, at)
    attempt_id = start(hall, candidate, LATE + timedelta(minutes=39)).attempt_id
    with reading() as session:
        found = session.get_one(AttemptRow, attempt_id)
    assert found.deadline - found.started_at == timedelta(minutes=60), "the window limits the start"


def test_where_the_window_limits_the_end_the_sitting_has_its_own_end(
    hall: Hall, candidate: Principal, one: Staff, other: Staff
) -> None:
    with unit_of_work() as session:
        known = session.get_one(ExamRulesRow, (hall.exam_id, 1))
        values = {column.name: getattr(known, column.name) for column in known.__table__.columns}
        session.add(ExamRulesRow(**values | {"version": 2, "limits": "end", "closes_at": NOW + DAY}))
    sittings.decide_sitting(ask(hall, candidate, one, OWN_TIME), grant=True, by=other, now=NOW)
    attempt_id = start(hall, candidate, LATE + timedelta(minutes=10)).attempt_id
    with reading() as session:
        assert session.get_one(AttemptRow, attempt_id).deadline == LATE + timedelta(minutes=40)


def test_what_cannot_be_is_refused_and_one_request_waits_at_a_time(
    hall: Hall, candidate: Principal, one: Staff, other: Staff
) -> None:
    for asked, field in (
        (sittings.Asked(6), "attempts"),
        (sittings.Asked(1, LATE, None), "closes_at"),
        (sittings.Asked(1, LATE, LATE), "closes_at"),
        (sittings.Asked(1, NOW - DAY, NOW), "closes_at"),
        (sittings.Asked(1, LATE, LATE + 32 * DAY), "closes_at"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(hall, candidate, one, asked)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(Invalid) as refusal:
        sittings.ask_sitting(hall.exam_id, candidate.person_id, ONE_MORE, "身份证 11010519491231002X", by=one, now=NOW)
    assert set(refusal.value.fields) == {"reason"}
    request_id = ask(hall, candidate, one)
    with pytest.raises(sittings.SittingAsked):
        ask(hall, candidate, other)
    with pytest.raises(Invalid):
        sittings.decide_sitting(request_id, grant=False, by=other, now=NOW)
    sittings.decide_sitting(request_id, grant=False, comment="无证明", by=other, now=NOW)
    with pytest.raises(sittings.SittingSettled):
        sittings.decide_sitting(request_id, grant=True, by=other, now=NOW)
    sittings.withdraw_sitting(ask(hall, candidate, one), by=one, now=NOW)


def test_who_is_out_of_reach_or_not_enrolled_looks_absent(hall: Hall, candidate: Principal, one: Staff) -> None:
    request_id = ask(hall, candidate, one)
    foreign = Staff(make_person(hall.land.other_unit).person_id, (hall.land.other_province.path,))
    with pytest.raises(NotFound):
        ask(hall, candidate, foreign)
    with pytest.raises(NotFound):
        sittings.decide_sitting(request_id, grant=True, by=foreign, now=NOW)
    with pytest.raises(NotFound):
        ask(hall, make_person(hall.land.unit, "路人"), one)
    with pytest.raises(NotFound):
        sittings.decide_sitting(ids.new_id(), grant=True, by=one, now=NOW)


def test_e4_a_start_at_the_end_of_the_window_has_the_full_time(hall: Hall, candidate: Principal) -> None:
    with unit_of_work() as session:
        known = session.get_one(ExamRulesRow, (hall.exam_id, 1))
        values = {column.name: getattr(known, column.name) for column in known.__table__.columns}
        session.add(ExamRulesRow(**values | {"version": 2, "opens_at": NOW - DAY, "closes_at": NOW + DAY}))
    last_moment = NOW + DAY - timedelta(milliseconds=1)
    attempt_id = start(hall, candidate, last_moment).attempt_id
    with reading() as session:
        assert session.get_one(AttemptRow, attempt_id).deadline == last_moment + timedelta(minutes=60)
    with pytest.raises(service.ExamNotOpen):
        start(hall, make_candidate(hall, "李四"), NOW + DAY)
