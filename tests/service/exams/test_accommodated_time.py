"""Who was granted more time has it in every exam that begins while it holds; what began keeps its time. Requirement 35."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.accommodations import service as accommodations
from lms.accounts.domain.reach import Staff
from lms.audit.models import AuditEntryRow
from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AttemptRow
from lms.infra.db import reading
from lms.kernel.clock import SHANGHAI
from lms.kernel.principal import Principal
from tests.factories.accommodations import grant, proposal
from tests.factories.exams import NOW, Hall
from tests.factories.people import make_person

TODAY = NOW.astimezone(SHANGHAI).date()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def granted(hall: Hall, candidate: Principal, percent: int, **days) -> tuple[UUID, Staff]:
    one, other = (make_person(hall.land.national, name, now=NOW).person_id for name in ("经办人", "复核人"))
    path = hall.land.national.path
    wanted = proposal(percent, from_on=TODAY, **days)
    return grant(candidate.person_id, wanted, path=path, one=one, other=other, now=NOW), Staff(one, (path,))


def begun(hall: Hall, candidate: Principal, *, at=NOW) -> AttemptRow:
    opened = service.start_or_resume(hall.exam_id, candidate.person_id, now=at, seed=7)
    with reading() as session:
        return session.get_one(AttemptRow, opened.attempt_id)


def test_the_time_is_stretched_and_the_attempt_keeps_by_how_much(hall: Hall, candidate: Principal) -> None:
    granted(hall, candidate, 150)
    attempt = begun(hall, candidate)
    assert attempt.deadline == NOW + 90 * MINUTE
    assert attempt.extra_minutes == 30
    assert attempt.closes_at - attempt.deadline == timedelta(seconds=3)
    with reading() as session:
        details = session.execute(
            select(AuditEntryRow.details).where(AuditEntryRow.action == "attempt.started")
        ).scalar_one()
    assert details["time_percent"] == 150


def test_a_save_in_the_added_time_counts(hall: Hall, candidate: Principal) -> None:
    granted(hall, candidate, 150)
    attempt = begun(hall, candidate)
    late = NOW + 89 * MINUTE
    saved = service.save_answer(attempt.id, candidate.person_id, 1, SaveKey(1, 1), ["o1"], received_at=late)
    assert saved.saved_at == late
    with pytest.raises(service.SaveRefused):
        service.save_answer(attempt.id, candidate.person_id, 1, SaveKey(1, 2), ["o2"], received_at=late + 2 * MINUTE)


def test_without_one_the_time_is_the_usual(hall: Hall, candidate: Principal) -> None:
    attempt = begun(hall, candidate)
    assert (attempt.deadline, attempt.extra_minutes) == (NOW + 60 * MINUTE, None)


def test_one_that_is_over_gives_nothing(hall: Hall, candidate: Principal) -> None:
    granted(hall, candidate, 150, until_on=TODAY)
    assert begun(hall, candidate, at=NOW + DAY).deadline == NOW + DAY + 60 * MINUTE


def test_revoking_takes_nothing_from_an_open_attempt(hall: Hall, candidate: Principal) -> None:
    granted_id, by = granted(hall, candidate, 200)
    before = begun(hall, candidate)
    accommodations.revoke(granted_id, by=by, reason="不再需要", now=NOW + MINUTE)
    assert begun(hall, candidate, at=NOW + 70 * MINUTE).deadline == before.deadline == NOW + 120 * MINUTE
