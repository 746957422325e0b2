"""Who helps somebody with their account decides as things stand then: moves, roles and other help wait, or are seen.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import service as access
from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, SignInCodeRow
from lms.accounts.service import codes, memberships, reaching, second_factor
from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.together import beside, crossing, pausing

pytestmark = pytest.mark.postgres
Act = Callable[[], object]


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def admin(land: Land) -> Principal:
    return make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province})


def outranks(one: UUID, other: UUID) -> bool:
    return access.outranks(one, other, NOW)


def resets(person_id: UUID, land: Land, admin: Principal) -> Act:
    by = Staff(admin.person_id, (land.province.path,))
    return partial(second_factor.reset, person_id, staff=by, outranks=outranks, reason="手机丢失", now=NOW)


def issues(person_id: UUID, land: Land, admin: Principal) -> Act:
    by = Staff(admin.person_id, (land.province.path,))
    return partial(codes.issue, person_id, staff=by, outranks=outranks, outranked=outranks, hours=24, now=NOW)


def goes(person_id: UUID, land: Land) -> Act:
    by = Staff(make_person(land.national, "人事").person_id, EVERYWHERE, lambda *_: True)
    return partial(memberships.move, person_id, land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)


def in_turn(first: Act, second: Act, reached: threading.Event) -> list[str]:
    """In which order two acts ended, of which the second began while the first was under way."""
    ended: list[str] = []

    def told(name: str, act: Act) -> Act:
        def call() -> object:
            try:
                return act()
            finally:
                ended.append(name)

        return call

    assert not [
        one for one in crossing(told("first", first), told("second", second), reached) if isinstance(one, Exception)
    ]
    return ended


@pytest.mark.parametrize("help_with", [resets, issues])
def test_a_former_union_helps_nobody_who_just_moved(
    land: Land, admin: Principal, help_with: Callable[[UUID, Land, Principal], Act]
) -> None:
    person_id = make_person(land.unit, "调走的人", second_factor=True).person_id
    assert isinstance(beside(goes(person_id, land), help_with(person_id, land, admin)), NotFound)


@pytest.mark.parametrize("what", ["move", "role"])
def test_who_takes_a_second_factor_is_waited_for(
    land: Land, admin: Principal, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    person_id, reached = make_person(land.unit, "学员", second_factor=True).person_id, threading.Event()
    above = make_person(land.national, "全国", grants={roles.UNIT_ADMIN: land.national})
    new = access.NewGrant(person_id, roles.UNIT_ADMIN, land.province.id, NOW, None, "任职")
    other = goes(person_id, land) if what == "move" else partial(access.grant, new, giver=above, now=NOW)
    monkeypatch.setattr(reaching, "reached", pausing(reaching.reached, reached))
    assert in_turn(resets(person_id, land, admin), other, reached) == ["first", "second"]
    with reading() as session:
        sealed = session.execute(select(AccountRow.totp_sealed).where(AccountRow.person_id == person_id)).scalar_one()
    assert sealed is None


def test_no_text_message_that_was_being_written_opens_an_account_without_its_second_factor(
    land: Land, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, reached = make_person(land.unit, "学员", second_factor=True), threading.Event()
    monkeypatch.setattr(codes, "_lost_their_factor", pausing(codes._lost_their_factor, reached))
    writes = partial(codes.letter_for, person.username, ways=("sms",), hours=24, now=NOW)
    assert in_turn(writes, resets(person.person_id, land, admin), reached) == ["first", "second"]
    with reading() as session:
        ended = session.execute(select(SignInCodeRow.ended_at)).scalars().all()
    assert ended == [NOW], "the reset saw the code and ended it"
