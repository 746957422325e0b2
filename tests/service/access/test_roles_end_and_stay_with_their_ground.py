"""A role needs a usable account and an open unit, and moves along with its unit only by the hand of who may give it there."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.service import NewGrant
from lms.accounts import service as accounts
from lms.accounts.service import closing
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel.errors import DomainError, NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as tree, service as units
from lms.organisations.queries import Unit
from tests.factories.people import NOW, Staff, make_person

LATER = NOW + timedelta(days=9)


@pytest.fixture
def province_admin(staff: Staff) -> Principal:
    return make_person(staff.land.province, "省管理员", grants={roles.UNIT_ADMIN: staff.land.province})


def new(staff: Staff, **changes: Any) -> NewGrant:
    values = {
        "person_id": staff.learner.person_id,
        "role": roles.CLASS_TUTOR,
        "unit_id": staff.land.unit.id,
        "from_at": NOW,
        "until_at": None,
        "reason": "工作需要",
    }
    return NewGrant(**(values | changes))


def code_of(*args: Any, **named: Any) -> str:
    with pytest.raises(DomainError) as refused:
        service.grant(*args, **named)
    return refused.value.code


def entry(grant_id: UUID) -> queries.GrantEntry:
    with reading() as session:
        return queries.grant_entry(session, grant_id)


def path_of(unit: Unit) -> str:
    with reading() as session:
        return tree.unit(session, unit.id).path


def test_nobody_gives_a_role_to_an_account_that_is_taken_away(staff: Staff, province_admin: Principal) -> None:
    accounts.disable(staff.learner.username, reason="调查", now=NOW)
    assert code_of(new(staff), giver=province_admin, now=NOW) == "account_disabled"


def test_nobody_gives_a_role_to_who_has_left(staff: Staff, province_admin: Principal) -> None:
    closing.close(staff.learner.person_id, now=NOW)
    assert code_of(new(staff), giver=province_admin, now=NOW) == "person_gone"


@pytest.mark.parametrize("from_at", [NOW, LATER], ids=["HELD", "COMING"])
def test_who_holds_a_role_or_will_hold_one_does_not_leave(
    staff: Staff, province_admin: Principal, from_at: Any
) -> None:
    service.grant(new(staff, from_at=from_at), giver=province_admin, now=NOW)
    with pytest.raises(closing.StillInOffice):
        closing.close(staff.learner.person_id, now=NOW)


def test_a_merger_ends_the_roles_over_the_unit_that_is_no_more(staff: Staff, province_admin: Principal) -> None:
    held = service.grant(new(staff), giver=province_admin, now=NOW)
    coming = service.grant(new(staff, role=roles.UPLOADER, from_at=LATER), giver=province_admin, now=NOW)
    into = units.add_unit(
        parent_id=staff.land.province.id, name="宁波某公司工会", kind="unit", reach=EVERYWHERE, now=NOW
    )
    units.merge(staff.land.unit.id, into.id, units.Act(province_admin.person_id, "机构调整", NOW, reach=EVERYWHERE))
    for one in (entry(held), entry(coming)):
        assert (one.ended_at, one.ended_by, one.end_reason) == (NOW, province_admin.person_id, "单位已并入其他单位")
    with reading() as session:
        ended = AuditEntryRow.action == "role.ended", AuditEntryRow.actor_id == province_admin.person_id
        details = session.execute(select(AuditEntryRow.details).where(*ended)).scalars().all()
    assert {one["grant"] for one in details} >= {str(held), str(coming)}


def test_who_lost_the_last_role_a_moment_ago_may_leave(staff: Staff, province_admin: Principal) -> None:
    grant_id = service.grant(new(staff), giver=province_admin, now=NOW)
    service.end(grant_id, reason="离任", ender=province_admin, now=NOW)
    closing.close(staff.learner.person_id, now=NOW)
    with reading() as session:
        assert queries.held_or_coming(session, staff.learner.person_id, now=NOW), "acts on them still ask for two"


def empty_unit(staff: Staff, name: str = "无人的工会") -> Unit:
    return units.add_unit(parent_id=staff.land.province.id, name=name, kind="unit", reach=EVERYWHERE, now=NOW)


def test_the_roles_over_a_unit_end_when_it_is_closed_and_do_not_come_back(
    staff: Staff, province_admin: Principal
) -> None:
    empty = empty_unit(staff)
    held = service.grant(new(staff, unit_id=empty.id), giver=province_admin, now=NOW)
    coming = service.grant(
        new(staff, unit_id=empty.id, role=roles.UPLOADER, from_at=LATER), giver=province_admin, now=NOW
    )
    elsewhere = service.grant(new(staff), giver=province_admin, now=NOW)
    act = units.Act(province_admin.person_id, "机构调整", NOW, reach=EVERYWHERE)
    units.close(empty.id, act)
    units.reopen(empty.id, act)
    for one in (entry(held), entry(coming)):
        assert (one.ended_at, one.ended_by, one.end_reason) == (NOW, province_admin.person_id, "单位已撤销")
    assert entry(elsewhere).ended_at is None
    with reading() as session:
        ended = AuditEntryRow.action == "role.ended", AuditEntryRow.actor_id == province_admin.person_id
        details = session.execute(select(AuditEntryRow.details).where(*ended)).scalars().all()
    assert {one["grant"] for one in details} == {str(held), str(coming)}


@pytest.mark.parametrize("from_at", [NOW, LATER], ids=["HELD", "COMING"])
def test_who_gives_no_roles_closes_no_unit_over_which_somebody_holds_one(
    staff: Staff, province_admin: Principal, mover: Principal, from_at: Any
) -> None:
    empty = empty_unit(staff)
    service.grant(new(staff, unit_id=empty.id, from_at=from_at), giver=province_admin, now=NOW)
    with pytest.raises(DomainError) as refused:
        units.close(empty.id, units.Act(mover.person_id, "调整", NOW, reach=EVERYWHERE))
    assert refused.value.code == "roles_end_along"
    units.close(empty_unit(staff, "没有角色的工会").id, units.Act(mover.person_id, "没有角色", NOW, EVERYWHERE))


@pytest.fixture
def mover(staff: Staff) -> Principal:
    return make_person(staff.land.national, "系统管理员", grants={roles.SYSTEM_ADMIN: staff.land.national})


@pytest.mark.parametrize("change", [units.move, units.merge], ids=["MOVE", "MERGE"])
@pytest.mark.parametrize("from_at", [NOW, LATER], ids=["HELD", "COMING"])
def test_who_gives_no_roles_moves_no_unit_with_roles_in_it(
    staff: Staff, province_admin: Principal, mover: Principal, change: Any, from_at: Any
) -> None:
    service.grant(new(staff, from_at=from_at), giver=province_admin, now=NOW)
    target = staff.land.other_province if change is units.move else staff.land.other_unit
    before = path_of(staff.land.unit)
    with pytest.raises(DomainError) as refused:
        change(staff.land.unit.id, target.id, units.Act(mover.person_id, "调整", NOW, reach=EVERYWHERE))
    assert refused.value.code == "roles_move_along"
    assert path_of(staff.land.unit) == before


def test_a_unit_without_roles_is_moved_by_who_may_move_units(staff: Staff, mover: Principal) -> None:
    bare = units.add_unit(parent_id=staff.land.province.id, name="无人任职工会", kind="unit", reach=EVERYWHERE, now=NOW)
    units.move(bare.id, staff.land.other_province.id, units.Act(mover.person_id, "调整", NOW, reach=EVERYWHERE))
    assert path_of(bare).startswith(staff.land.other_province.path)


def test_an_administrator_of_both_places_moves_roles_along_and_it_is_on_the_record(
    staff: Staff, province_admin: Principal
) -> None:
    grant_id = service.grant(new(staff), giver=province_admin, now=NOW)
    act = units.Act(province_admin.person_id, "调整", NOW, reach=EVERYWHERE)
    with pytest.raises(DomainError):
        units.move(staff.land.unit.id, staff.land.other_province.id, act)
    national = make_person(staff.land.national, "全国管理员", grants={roles.UNIT_ADMIN: staff.land.national})
    units.move(
        staff.land.unit.id, staff.land.other_province.id, units.Act(national.person_id, "调整", NOW, reach=EVERYWHERE)
    )
    with reading() as session:
        moved = AuditEntryRow.action == "role.moved"
        found = session.execute(select(AuditEntryRow).where(moved, AuditEntryRow.actor_id == national.person_id))
        details = [(one.object_id, one.details["grant"]) for one in found.scalars()]
    assert (str(staff.learner.person_id), str(grant_id)) in details


def test_a_foreign_person_looks_absent_whatever_else_is_wrong(staff: Staff, province_admin: Principal) -> None:
    stranger = make_person(staff.land.other_unit, "外省人")
    for changes in ({"until_at": NOW - timedelta(days=1)}, {"reason": " "}):
        with pytest.raises(NotFound):
            service.grant(new(staff, person_id=stranger.person_id, **changes), giver=province_admin, now=NOW)
