"""Who gives or ends a role waits for nobody in a ring: neither for who changes the tree nor for who ends another role.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from flask import Flask

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.service import NewGrant, granting
from lms.access.service.granting import LastAdministrator
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.together import crossing, pausing_first

pytestmark = pytest.mark.postgres
ACT = organisations.Act(None, "调整", NOW, reach=EVERYWHERE)


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def chief(land: Land) -> Principal:
    return make_person(land.national, "管理员", grants={roles.UNIT_ADMIN: land.national})


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the first of two holds the roles of who acts."""
    reached = threading.Event()
    monkeypatch.setattr(queries, "lock_givers", pausing_first(queries.lock_givers, reached))
    return reached


def grant_of(person_id: UUID) -> UUID:
    with reading() as session:
        (held,) = queries.grants_of_person(session, person_id, EVERYWHERE)
    return held.id


def change(land: Land, how: str) -> Callable[[], object]:
    """Closes, moves or merges the unit of the land."""
    if how == "closed":
        return partial(organisations.close, land.unit.id, ACT)
    if how == "moved":
        return partial(organisations.move, land.unit.id, land.other_province.id, ACT)
    into = organisations.add_unit(
        parent_id=land.province.id, name="宁波某公司工会", kind="unit", reach=EVERYWHERE, now=NOW
    )
    return partial(organisations.merge, land.unit.id, into.id, ACT)


@pytest.mark.parametrize("how", ["closed", "moved", "merged"])
def test_a_role_ends_while_its_unit_is(land: Land, chief: Principal, reached: threading.Event, how: str) -> None:
    holder = make_person(land.other_province, "兼管", grants={roles.CLASS_TUTOR: land.unit}).person_id
    ends = partial(service.end, grant_of(holder), ender=chief, reason="调整", now=NOW)
    assert not any(isinstance(one, Exception) for one in crossing(ends, change(land, how), reached))


@pytest.mark.parametrize("how", ["moved", "merged"])
def test_a_role_is_given_over_a_unit_where_the_giver_has_one_while_it_is(
    land: Land, chief: Principal, reached: threading.Event, how: str
) -> None:
    service.appoint(chief.person_id, roles.CLASS_TUTOR, land.unit.id, reason="兼", now=NOW)
    new = NewGrant(make_person(land.province, "老师").person_id, roles.UPLOADER, land.unit.id, NOW, None, "课件")
    found = crossing(partial(service.grant, new, giver=chief, now=NOW), change(land, how), reached)
    assert not any(isinstance(one, Exception) for one in found), found


def two_ends(land: Land, role: str, *, by: str) -> list[Callable[[], object]]:
    """Two who end the roles over the nation of two others."""
    names = ("甲丙", "乙丁")
    enders = [make_person(land.national, one, grants={by: land.national}) for one, _other in names]
    held = [make_person(land.province, other, grants={role: land.national}).person_id for _one, other in names]
    return [
        partial(service.end, grant_of(one), ender=ender, reason="调整", now=NOW)
        for one, ender in zip(held, enders, strict=True)
    ]


@pytest.mark.parametrize("role", [roles.NATIONAL_REVIEWER, roles.UNIT_ADMIN])
def test_two_end_two_roles_over_the_nation(
    land: Land, chief: Principal, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    ends = two_ends(land, role, by=roles.UNIT_ADMIN)
    reached, held_unit = threading.Event(), granting.organisations.held_unit
    monkeypatch.setattr(granting.organisations, "held_unit", pausing_first(held_unit, reached))
    assert crossing(*ends, reached) == [None, None]


def test_two_who_end_the_last_two_roles_of_a_kind_leave_one(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    ends, reached = two_ends(land, roles.UNIT_ADMIN, by=roles.SECURITY_ADMIN), threading.Event()
    monkeypatch.setattr(granting, "_end", pausing_first(granting._end, reached))
    first, second = crossing(*ends, reached)
    assert first is None
    assert isinstance(second, LastAdministrator)
