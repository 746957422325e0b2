"""Who is behind is reminded: by staff at most once a week, by the platform once at each stage; nobody else is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.access.models import RoleGrantRow
from lms.accounts.domain.reach import Staff
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import JobRow
from lms.kernel.errors import Invalid
from lms.kernel.principal import Principal
from lms.notices import queries as messages
from lms.reporting import service
from lms.reporting.queries import Sought
from tests.factories.cadres import at_work, make_admin
from tests.factories.ledger import credit
from tests.factories.people import NOW, Land, make_person

WORDS = "请按时完成学习任务。"


@pytest.fixture
def admin(land: Land) -> Principal:
    return make_admin(land.province)


@pytest.fixture
def by(admin: Principal, land: Land) -> Staff:
    return at_work(admin, land.province)


def told(person: Principal) -> list[dict[str, str]]:
    with reading() as session:
        return [dict(one.facts) for one in messages.page(session, person.person_id).notices]


def ordered(land: Land, by: Staff, *, now: datetime = NOW, **limits: str) -> int:
    """Counts, orders and runs the order. Returns how many were reminded."""
    service.count_all(now=now)
    service.order(Sought(by.scopes, 2026, land.province.path, **limits), WORDS, land.province.id, by=by, now=now)
    with reading() as session:
        payload: dict[str, Any] = session.execute(
            select(JobRow.payload).where(JobRow.kind == service.ORDER_JOB).order_by(JobRow.id.desc()).limit(1)
        ).scalar_one()
    return service.remind(payload, now=now)


def test_who_is_behind_is_reminded_with_what_is_missing(land: Land, rule: UUID, by: Staff) -> None:
    behind, reached = make_person(land.unit, "王一"), make_person(land.unit, "王二")
    credit(rule, behind.person_id, 1200)
    credit(rule, reached.person_id, 5000)
    ordered(land, by)
    [facts] = told(behind)
    assert facts == {"unit": "浙江省总工会", "words": WORDS, "missing": "38", "days": "41"}
    assert not told(reached)


def test_nobody_outside_the_reach_is_reminded(land: Land, by: Staff) -> None:
    outside = make_person(land.other_unit)
    ordered(land, by)
    assert not told(outside)


def test_nobody_is_reminded_twice_in_a_week(land: Land, by: Staff) -> None:
    person = make_person(land.unit)
    assert ordered(land, by) >= 1
    assert ordered(land, by, now=NOW + timedelta(days=6)) == 0
    assert len(told(person)) == 1
    assert ordered(land, by, now=NOW + timedelta(days=8)) >= 1
    assert len(told(person)) == 2


def test_a_second_run_of_an_order_reminds_nobody_again(land: Land, by: Staff) -> None:
    person = make_person(land.unit)
    ordered(land, by)
    with reading() as session:
        payload = session.execute(select(JobRow.payload).where(JobRow.kind == service.ORDER_JOB)).scalar_one()
    assert service.remind(payload, now=NOW) == 0
    assert len(told(person)) == 1


@pytest.mark.parametrize("words", ["", "   ", "长" * 201])
def test_a_reminder_says_something(land: Land, by: Staff, words: str) -> None:
    with pytest.raises(Invalid):
        service.order(Sought(by.scopes, 2026), words, land.province.id, by=by, now=NOW)


def test_each_stage_reminds_once(land: Land, rule: UUID) -> None:
    behind, reached = make_person(land.unit), make_person(land.other_unit)
    credit(rule, reached.person_id, 5000)
    service.count_all(now=NOW)
    for _ in range(2):
        service.remind_stage(2026, 60, now=NOW)
    assert [one["self"] for one in told(behind)] == ["50"]
    assert not told(reached)
    service.remind_stage(2026, 30, now=NOW + timedelta(days=20))
    assert len(told(behind)) == 2


def test_a_stage_of_a_year_that_is_over_reminds_nobody(land: Land) -> None:
    person = make_person(land.unit)
    service.count_all(now=NOW)
    assert service.remind_stage(2025, 7, now=NOW) == 0
    assert not told(person)


def test_a_stage_is_asked_for_once(land: Land) -> None:
    stages = (90, 60, 30, 7)
    assert not service.queue_stage(stages, now=datetime(2026, 9, 1, tzinfo=UTC))
    for _ in range(3):
        assert service.queue_stage(stages, now=NOW)
    with reading() as session:
        payloads = session.execute(select(JobRow.payload).where(JobRow.kind == service.STAGE_JOB)).scalars().all()
    assert payloads == [{"year": 2026, "stage": 60}]


def test_an_empty_setting_sends_none(land: Land) -> None:
    assert not service.queue_stage((), now=NOW)


def test_staff_wait_a_week_after_the_platform_reminded(land: Land, by: Staff) -> None:
    person = make_person(land.unit)
    service.count_all(now=NOW)
    service.remind_stage(2026, 60, now=NOW)
    ordered(land, by, now=NOW + timedelta(days=1))
    assert len(told(person)) == 1


def test_an_order_ends_with_the_role_of_who_gave_it(land: Land, rule: UUID, admin: Principal, by: Staff) -> None:
    behind = make_person(land.unit, "王一")
    credit(rule, behind.person_id, 1200)
    service.count_all(now=NOW)
    service.order(Sought(by.scopes, 2026, land.province.path), WORDS, land.province.id, by=by, now=NOW)
    with reading() as session:
        payload = session.execute(select(JobRow.payload).where(JobRow.kind == service.ORDER_JOB)).scalar_one()
    ended = {"ended_at": NOW, "ended_by": behind.person_id, "end_reason": "换岗"}
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.person_id == admin.person_id).values(ended))
    assert service.remind(payload, now=NOW + timedelta(minutes=5)) == 0
