"""The desk's counts of make-up sittings and more time hold what this person may decide on, and nothing else."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from lms.accounts.domain.reach import Staff
from lms.exams import queries, service
from lms.exams.domain.watching import LAPSES_AFTER
from lms.exams.service import sittings
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.joining import as_one
from tests.factories.people import make_person


@pytest.fixture
def asker(hall: Hall) -> UUID:
    return make_person(hall.land.national, "提出人").person_id


@pytest.fixture
def second(hall: Hall) -> UUID:
    return make_person(hall.land.national, "确认人").person_id


def everywhere(hall: Hall) -> tuple[str, ...]:
    return (hall.land.national.path,)


def ask_sitting(hall: Hall, person: Principal, asker: UUID, now: datetime = NOW) -> UUID:
    by = Staff(asker, everywhere(hall))
    return sittings.ask_sitting(hall.exam_id, person.person_id, sittings.Asked(2), "住院", by=by, now=now)


def sittings_for(scopes: tuple[str, ...], decider: UUID, limit: int = 9) -> list[tuple[str, int, str]]:
    with reading() as session:
        found = queries.deciding.sittings(session, scopes, decider, limit=limit)
    return [(one.name, one.amount, one.asker) for one in found]


def more_time_for(scopes: tuple[str, ...], decider: UUID, now: datetime = NOW) -> list[tuple[str, int]]:
    with reading() as session:
        found = queries.deciding.more_time(session, scopes, decider, now=now, limit=9)
    return [(one.name, one.amount) for one in found]


def test_a_sitting_waits_for_another_person_within_reach(hall: Hall, asker: UUID, second: UUID) -> None:
    first = make_candidate(hall, "甲")
    ask_sitting(hall, first, asker)
    request_id = ask_sitting(hall, make_candidate(hall, "乙"), asker, NOW + timedelta(seconds=1))
    assert sittings_for(everywhere(hall), second) == [("甲", 2, "提出人"), ("乙", 2, "提出人")]
    assert sittings_for(everywhere(hall), second, limit=1) == [("甲", 2, "提出人")]
    assert sittings_for(everywhere(hall), asker) == [], "nobody decides on what they asked for"
    assert sittings_for(everywhere(hall), first.person_id) == [], "nor in an exam that they sit"
    assert sittings_for((hall.land.other_province.path,), second) == [] and sittings_for((), second) == []
    sittings.decide_sitting(request_id, grant=True, by=Staff(second, everywhere(hall)), now=NOW + timedelta(seconds=2))
    assert sittings_for(everywhere(hall), second) == [("甲", 2, "提出人")]


def test_more_time_waits_until_it_lapses(hall: Hall, asker: UUID, second: UUID) -> None:
    person = make_candidate(hall, "甲")
    attempt_id = service.start_or_resume(hall.exam_id, person.person_id, now=NOW, seed=1).attempt_id
    service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    service.ask_more_time(hall.exam_id, None, 10, "停电", by=asker, reach=EVERYWHERE, now=NOW + timedelta(seconds=1))
    assert more_time_for(everywhere(hall), second) == [("甲", 5), ("", 10)]
    assert more_time_for(everywhere(hall), asker) == []
    assert more_time_for((hall.land.other_province.path,), second) == []
    assert more_time_for(everywhere(hall), second, NOW + LAPSES_AFTER) == [("甲", 5), ("", 10)]
    assert more_time_for(everywhere(hall), second, NOW + LAPSES_AFTER + timedelta(milliseconds=500)) == [("", 10)]


def test_what_one_s_other_account_asked_for_waits_for_somebody_else(hall: Hall, asker: UUID, second: UUID) -> None:
    ask_sitting(hall, make_candidate(hall, "甲"), asker)
    service.start_or_resume(hall.exam_id, make_candidate(hall, "乙").person_id, now=NOW, seed=1)
    service.ask_more_time(hall.exam_id, None, 10, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    as_one(second, asker)
    assert sittings_for(everywhere(hall), second) == [] and more_time_for(everywhere(hall), second) == []
