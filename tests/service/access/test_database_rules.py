"""The database itself refuses what the service would: wrong givers, wrong places, two separated roles, the last one's end."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from lms.access.domain import roles
from lms.access.domain.granting import GIVES, PLACES
from lms.access.models import RoleGrantRow, role_delegation, role_place
from lms.accounts.models import AccountRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.organisations.queries import Unit
from tests.factories.people import NOW, Staff, make_person

DAY = timedelta(days=1)


def insert(person: Principal, role: str, unit: Unit, by: Principal | None, **more: datetime | None) -> UUID:
    grant_id = ids.new_id(NOW)
    with unit_of_work() as session:
        values = {"from_at": NOW, "until_at": None, "granted_at": NOW, "reason": "test"} | more
        session.add(
            RoleGrantRow(
                id=grant_id,
                person_id=person.person_id,
                role=role,
                unit_id=unit.id,
                granted_by=by.person_id if by else None,
                **values,
            )
        )
    return grant_id


def grant_of(person: Principal) -> UUID:
    with reading() as session:
        return session.execute(select(RoleGrantRow.id).where(RoleGrantRow.person_id == person.person_id)).scalar_one()


@pytest.fixture
def national(staff: Staff) -> Principal:
    return make_person(staff.land.national, "全国管理员", grants={roles.UNIT_ADMIN: staff.land.national})


@pytest.fixture
def security(staff: Staff) -> Principal:
    return make_person(staff.land.national, "安全管理员", grants={roles.SECURITY_ADMIN: staff.land.national})


@pytest.fixture
def province(staff: Staff) -> Principal:
    return make_person(staff.land.province, "省管理员", grants={roles.UNIT_ADMIN: staff.land.province})


def test_the_stored_tables_are_those_of_the_rules(staff: Staff) -> None:
    with reading() as session:
        gives = {(row.giver, row.given) for row in session.execute(select(role_delegation))}
        places = {(row.role, row.unit_kind) for row in session.execute(select(role_place))}
    assert gives == {(giver, given) for giver, those in GIVES.items() for given in those}
    assert places == {(role, kind) for role, kinds in PLACES.items() for kind in kinds}


def test_a_giver_needs_a_role_that_gives_it_above(staff: Staff, national: Principal, province: Principal) -> None:
    land, learner = staff.land, staff.learner
    insert(learner, roles.CLASS_TUTOR, land.unit, province)
    insert(learner, roles.UPLOADER, land.other_unit, national)
    for role, unit, by in (
        (roles.UNIT_ADMIN, land.national, province),
        (roles.CLASS_MANAGER, land.other_unit, province),
        (roles.AUDIT_ADMIN, land.national, national),
        (roles.CLASS_MANAGER, land.unit, staff.national_reviewer),
    ):
        with pytest.raises(IntegrityError):
            insert(learner, role, unit, by)


@pytest.mark.parametrize("moment", [NOW - timedelta(seconds=1), NOW + 2 * DAY])
def test_the_giver_s_role_holds_at_that_moment(staff: Staff, moment: datetime) -> None:
    giver = make_person(staff.land.unit, "管理员")
    insert(giver, roles.UNIT_ADMIN, staff.land.unit, None, until_at=NOW + 2 * DAY)
    insert(staff.learner, roles.CLASS_TUTOR, staff.land.unit, giver, granted_at=NOW + DAY)
    with pytest.raises(IntegrityError):
        insert(staff.learner, roles.CLASS_MANAGER, staff.land.unit, giver, granted_at=moment)


def test_nobody_gives_to_themselves(staff: Staff, national: Principal) -> None:
    with pytest.raises(IntegrityError):
        insert(national, roles.UPLOADER, staff.land.unit, national)


def test_a_role_stands_only_where_it_belongs(staff: Staff) -> None:
    for role, unit in (
        (roles.PROVINCE_REVIEWER, staff.land.unit),
        (roles.NATIONAL_REVIEWER, staff.land.province),
        (roles.AUDIT_ADMIN, staff.land.province),
        (roles.LEARNER, staff.land.unit),
        ("emperor", staff.land.national),
    ):
        with pytest.raises(IntegrityError):
            insert(staff.learner, role, unit, None)


def test_separated_roles_stand_alone(staff: Staff) -> None:
    insert(staff.learner, roles.AUDIT_ADMIN, staff.land.national, None, until_at=NOW + DAY)
    for role in (roles.SYSTEM_ADMIN, roles.SECURITY_ADMIN, roles.UNIT_ADMIN):
        with pytest.raises(IntegrityError):
            insert(staff.learner, role, staff.land.national, None)
    insert(staff.learner, roles.SYSTEM_ADMIN, staff.land.national, None, from_at=NOW + DAY)


def test_a_grant_is_never_deleted_nor_changed_but_by_its_end(staff: Staff, province: Principal) -> None:
    grant_id = insert(staff.learner, roles.CLASS_TUTOR, staff.land.unit, province)
    row = RoleGrantRow.id == grant_id
    for change in (
        delete(RoleGrantRow).where(row),
        update(RoleGrantRow).where(row).values(role=roles.UNIT_ADMIN),
        update(RoleGrantRow).where(row).values(until_at=NOW + DAY),
        update(RoleGrantRow).where(row).values(unit_id=staff.land.province.id),
        update(RoleGrantRow).where(row).values(granted_by=None),
    ):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(change)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(row).values(ended_at=NOW, end_reason="完成"))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(row).values(ended_at=None))


def test_the_last_national_administrator_keeps_role_and_account(
    staff: Staff, national: Principal, security: Principal
) -> None:
    for person in (national, security):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(update(RoleGrantRow).where(RoleGrantRow.id == grant_of(person)).values(ended_at=NOW))
        for state in ("disabled", "closed", "merged"):
            with pytest.raises(IntegrityError), unit_of_work() as session:
                session.execute(update(AccountRow).where(AccountRow.id == person.account_id).values(state=state))
    second = make_person(staff.land.national, "第二名", grants={roles.UNIT_ADMIN: staff.land.national})
    with unit_of_work() as session:
        session.execute(update(AccountRow).where(AccountRow.id == national.account_id).values(state="disabled"))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.id == grant_of(second)).values(ended_at=NOW))
    with unit_of_work() as session:  # who can't sign in counts for nothing and may lose the role
        session.execute(update(RoleGrantRow).where(RoleGrantRow.id == grant_of(national)).values(ended_at=NOW))


def test_an_administrator_of_a_province_may_go(staff: Staff, province: Principal) -> None:
    with unit_of_work() as session:
        session.execute(update(AccountRow).where(AccountRow.id == province.account_id).values(state="closed"))
        session.execute(update(RoleGrantRow).where(RoleGrantRow.id == grant_of(province)).values(ended_at=NOW))
