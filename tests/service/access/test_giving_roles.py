"""Roles are given by who may give them, to somebody else, with a reason; each giving and ending is on the record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.access.service import AlreadyHeld, LastAdministrator, NewGrant, RolesExclude
from lms.accounts.service import closing, identity
from lms.accounts.service.holding import PersonGone
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.principal import Principal
from tests.factories.people import NOW, Staff, make_person

DAY = timedelta(days=1)
Give = Callable[..., UUID]


def today(person: Principal, now: datetime = NOW) -> Principal:
    with reading() as session:
        found = queries.principal_of_person(session, person.person_id, now=now)
    assert found
    return found


@pytest.fixture
def province_admin(staff: Staff) -> Principal:
    return make_person(staff.land.province, "省管理员", grants={roles.UNIT_ADMIN: staff.land.province})


@pytest.fixture
def give(staff: Staff, province_admin: Principal) -> Give:
    """Gives the unit's learner, whose identity is confirmed, a role, as the province's administrator does."""
    identity.vouch(staff.learner.person_id, actor_id=None, reason="核实", now=NOW)

    def go(role: str = roles.CLASS_TUTOR, **changes: object) -> UUID:
        giver = changes.pop("giver", province_admin)
        assert isinstance(giver, Principal)
        values = {
            "person_id": staff.learner.person_id,
            "role": role,
            "unit_id": staff.land.unit.id,
            "from_at": NOW,
            "until_at": None,
            "reason": "承担本单位培训班工作",
        } | changes
        return service.grant(NewGrant(**values), giver=giver, now=NOW)  # type: ignore[arg-type]

    return go


def test_a_role_counts_at_once_and_is_on_the_record(staff: Staff, give: Give, province_admin: Principal) -> None:
    grant_id = give()
    assert today(staff.learner).roles == {roles.CLASS_TUTOR}
    with reading() as session:
        given = AuditEntryRow.action == "role.granted", AuditEntryRow.actor_id == province_admin.person_id
        entry = session.execute(select(AuditEntryRow).where(*given)).scalar_one()
    assert entry.object_id == str(staff.learner.person_id)
    assert entry.details["grant"] == str(grant_id) and entry.details["reason"] == "承担本单位培训班工作"


def test_it_begins_and_ends_by_itself(staff: Staff, give: Give) -> None:
    give(from_at=NOW + DAY, until_at=NOW + 3 * DAY)
    held = [bool(today(staff.learner, NOW + days * DAY).grants) for days in (0, 1, 2, 3)]
    assert held == [False, True, True, False]


def test_it_can_be_given_again_after_it_ran_out(staff: Staff, give: Give) -> None:
    give(until_at=NOW + DAY)
    with pytest.raises(AlreadyHeld):
        give()
    give(from_at=NOW + DAY)
    assert today(staff.learner, NOW + 9 * DAY).roles == {roles.CLASS_TUTOR}


REFUSED: dict[str, tuple[dict[str, object], type[Exception]]] = {
    "NO_REASON": ({"reason": "  "}, Invalid),
    "TOO_MUCH_REASON": ({"reason": "因" * 201}, Invalid),
    "ENDS_BEFORE_IT_BEGINS": ({"from_at": NOW + DAY, "until_at": NOW + DAY}, Invalid),
    "ENDED_BEFORE_TODAY": ({"from_at": NOW - 3 * DAY, "until_at": NOW - DAY}, Invalid),
    "NOT_ONES_OWN_TO_GIVE": ({"role": roles.AUDIT_ADMIN}, Invalid),
    "WRONG_KIND_OF_UNIT": ({"role": roles.PROVINCE_REVIEWER}, Invalid),
    "UNKNOWN": ({"role": "emperor"}, Invalid),
}


@pytest.mark.parametrize(("changes", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused(staff: Staff, give: Give, changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        give(**changes)
    assert not today(staff.learner).grants


def test_nobody_gives_a_role_to_themselves(give: Give, province_admin: Principal) -> None:
    with pytest.raises(Invalid) as refused:
        give(person_id=province_admin.person_id)
    assert set(refused.value.fields) == {"username"}


def test_who_has_left_is_given_no_role(staff: Staff, give: Give) -> None:
    closing.close(staff.learner.person_id, now=NOW)
    with pytest.raises(PersonGone):
        give(person_id=staff.learner.person_id)


def test_units_and_people_of_another_province_look_absent(staff: Staff, give: Give) -> None:
    stranger = make_person(staff.land.other_unit, "外省人")
    for changes in ({"unit_id": staff.land.other_unit.id}, {"person_id": stranger.person_id}, {"unit_id": UUID(int=7)}):
        with pytest.raises(NotFound):
            give(**changes)


def test_an_administrator_of_a_province_makes_no_national_reviewer(staff: Staff, give: Give) -> None:
    with pytest.raises(NotFound):
        give(roles.NATIONAL_REVIEWER, unit_id=staff.land.national.id)


def test_who_gives_nothing_is_refused(staff: Staff, give: Give) -> None:
    with pytest.raises(NotFound):
        give(giver=staff.national_reviewer)


def test_the_role_of_the_giver_is_read_again_when_it_is_given(
    staff: Staff, give: Give, province_admin: Principal
) -> None:
    national = make_person(staff.land.national, "全国管理员", grants={roles.UNIT_ADMIN: staff.land.national})
    with reading() as session:
        (held,) = queries.grants_of_person(session, province_admin.person_id, [staff.land.national.path])
    service.end(held.id, ender=national, reason="调离", now=NOW)
    assert province_admin.grants, "the principal of the page is the old one"
    with pytest.raises(NotFound):
        give()


@pytest.fixture
def security(staff: Staff) -> Principal:
    return make_person(staff.land.national, "安全管理员", grants={roles.SECURITY_ADMIN: staff.land.national})


def test_no_one_holds_two_of_the_separated_roles_nor_one_beside_another(
    staff: Staff, give: Give, security: Principal
) -> None:
    root = {"giver": security, "unit_id": staff.land.national.id}
    give(roles.AUDIT_ADMIN, **root)
    for role, changes in ((roles.SYSTEM_ADMIN, root), (roles.UNIT_ADMIN, root), (roles.UPLOADER, {})):
        with pytest.raises(RolesExclude):
            give(role, **changes)


def test_a_separated_role_may_follow_another_one(staff: Staff, give: Give, security: Principal) -> None:
    root = {"giver": security, "unit_id": staff.land.national.id}
    give(roles.AUDIT_ADMIN, until_at=NOW + DAY, **root)
    give(roles.SYSTEM_ADMIN, from_at=NOW + DAY, **root)
    with pytest.raises(RolesExclude):
        give(roles.UPLOADER, until_at=NOW + 2 * DAY)


def test_a_role_ends_at_once_with_a_reason(staff: Staff, give: Give, province_admin: Principal) -> None:
    grant_id = give()
    with pytest.raises(Invalid):
        service.end(grant_id, ender=province_admin, reason=" ", now=NOW)
    service.end(grant_id, ender=province_admin, reason="任务完成", now=NOW + DAY)
    assert not today(staff.learner, NOW + DAY).grants
    with pytest.raises(Conflict):
        service.end(grant_id, ender=province_admin, reason="再一次", now=NOW + 2 * DAY)
    with reading() as session:
        entry = queries.grant_entry(session, grant_id)
    assert (entry.ended_at, entry.ended_by, entry.end_reason) == (NOW + DAY, province_admin.person_id, "任务完成")


def test_a_role_of_another_province_can_t_be_ended_nor_seen(staff: Staff, give: Give) -> None:
    grant_id = give()
    other = make_person(staff.land.other_province, "外省", grants={roles.UNIT_ADMIN: staff.land.other_province})
    with pytest.raises(NotFound):
        service.end(grant_id, ender=other, reason="不该成功", now=NOW)
    with reading() as session:
        assert not queries.grants_of_person(session, staff.learner.person_id, [staff.land.other_province.path])


def test_to_a_reviewer_a_role_is_not_there_to_be_ended(staff: Staff, give: Give) -> None:
    with pytest.raises(NotFound):
        service.end(give(), ender=staff.national_reviewer, reason="不该成功", now=NOW)


def test_a_role_over_the_nation_needs_a_confirmed_identity(staff: Staff, give: Give, security: Principal) -> None:
    declared = make_person(staff.land.unit, "未确认")
    with pytest.raises(Invalid) as refused:
        give(roles.AUDIT_ADMIN, giver=security, unit_id=staff.land.national.id, person_id=declared.person_id)
    assert "username" in refused.value.fields
    give(roles.CLASS_TUTOR, person_id=declared.person_id)


@pytest.mark.parametrize(
    ("from_at", "until_at", "given"),
    [
        (NOW, None, False),
        (NOW, NOW + 6 * DAY, False),
        (NOW + 5 * DAY, NOW + 6 * DAY, False),
        (NOW, NOW + 5 * DAY, True),
    ],
    ids=["WITHOUT_END", "A_DAY_LONGER", "BEGINS_AFTERWARDS", "ENDS_WITH_IT"],
)
def test_nothing_that_is_given_outlasts_its_giver(
    staff: Staff, give: Give, province_admin: Principal, from_at: datetime, until_at: datetime | None, given: bool
) -> None:
    substitute = make_person(staff.land.province, "代班管理员")
    give(roles.UNIT_ADMIN, person_id=substitute.person_id, unit_id=staff.land.province.id, until_at=NOW + 5 * DAY)
    values = {"giver": today(substitute), "from_at": from_at, "until_at": until_at}
    if given:
        assert give(**values)
    else:
        with pytest.raises(Invalid) as refused:
            give(**values)
        assert "until_on" in refused.value.fields


def test_the_last_national_administrator_stays(staff: Staff, security: Principal) -> None:
    national = make_person(staff.land.national, "全国管理员", grants={roles.UNIT_ADMIN: staff.land.national})
    with reading() as session:
        (held,) = queries.grants_of_person(session, national.person_id, [staff.land.national.path])
    for person in (national, security):
        with pytest.raises(LastAdministrator):
            service.refuse_to_lose(person.person_id, now=NOW)
    with pytest.raises(LastAdministrator):
        service.end(held.id, ender=national, reason="卸任", now=NOW)
    make_person(staff.land.national, "第二名", grants={roles.UNIT_ADMIN: staff.land.national})
    service.refuse_to_lose(national.person_id, now=NOW)
    service.end(held.id, ender=national, reason="卸任", now=NOW)
    service.refuse_to_lose(staff.learner.person_id, now=NOW)


def test_one_whose_role_has_an_end_does_not_stand_in_for_the_last(
    staff: Staff, security: Principal, give: Give
) -> None:
    national = make_person(staff.land.national, "全国管理员", grants={roles.UNIT_ADMIN: staff.land.national})
    give(roles.UNIT_ADMIN, giver=security, unit_id=staff.land.national.id, until_at=NOW + DAY)
    with pytest.raises(LastAdministrator):
        service.refuse_to_lose(national.person_id, now=NOW)


def test_lists_show_grants_of_the_scope_page_by_page(staff: Staff, give: Give, province_admin: Principal) -> None:
    made = [give(role) for role in (roles.CLASS_TUTOR, roles.CLASS_MANAGER, roles.UPLOADER)]
    scope = [staff.land.unit.path]
    with reading() as session:
        first = queries.grants_within(session, scope, queries.GrantFilter(), now=NOW, limit=2)
        rest = queries.grants_within(session, scope, queries.GrantFilter(), now=NOW, limit=2, before=first[-1].id)
        tutors = queries.grants_within(session, scope, queries.GrantFilter(role=roles.CLASS_TUTOR), now=NOW)
        nobody = queries.grants_within(session, [], queries.GrantFilter(), now=NOW)
    shown = [entry.id for entry in (*first, *rest)]
    assert shown == sorted(shown, reverse=True) and set(made) <= set(shown) and len(first) == 2
    assert [entry.id for entry in tutors] == made[:1] and nobody == ()


def test_what_ends_soon_has_a_list_of_its_own(staff: Staff, give: Give) -> None:
    soon, later = give(until_at=NOW + 20 * DAY), give(roles.CLASS_MANAGER, until_at=NOW + 40 * DAY)
    scope = [staff.land.national.path]
    with reading() as session:
        found = queries.grants_within(session, scope, queries.GrantFilter(state="soon"), now=NOW)
        assert queries.count_in_state(session, scope, "soon", now=NOW, limit=100) == 1
        assert queries.count_in_state(session, scope, "open", now=NOW, limit=3) == 3
        over = queries.grants_within(session, scope, queries.GrantFilter(state="ended"), now=NOW + 50 * DAY)
        rows = session.execute(select(RoleGrantRow.id).where(RoleGrantRow.ended_at.is_not(None))).all()
    assert [entry.id for entry in found] == [soon] and found[0].state(NOW) == "soon"
    assert {entry.id for entry in over} == {soon, later} and not rows, "they ended by themselves"
