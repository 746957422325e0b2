"""Two administrators who take each other's role or account away at the same moment: one is in time, the other is told so."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from lms.access import service
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.access.service import NewGrant
from lms.access.service.answers import outranks
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow
from lms.accounts.service import identity, standing
from lms.audit import service as audit
from lms.infra import db
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.kernel.principal import Principal
from tests.factories.people import NOW, Land, make_land, make_person

Act = Callable[[], object]
PATIENCE = 1.0  # a second one who waits for the first can't come to the meeting point


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def pair(land: Land) -> tuple[Principal, Principal]:
    """Two of three security administrators of the nation: each may end the other."""
    made = [make_person(land.national, name, grants={roles.SECURITY_ADMIN: land.national}) for name in "甲乙丙"]
    return made[0], made[1]


@pytest.fixture
def meeting() -> Iterator[None]:
    """Everybody waits for the other after the first lock they got, so that a bad order of locks is met each time."""
    if db.dialect() != "postgresql":
        yield
        return
    barrier, own = threading.Barrier(2, timeout=PATIENCE), threading.local()

    def wait(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "UPDATE" in statement and statement.startswith("SELECT") and not getattr(own, "met", False):
            own.met = True
            try:
                barrier.wait()
            except threading.BrokenBarrierError:
                pass

    event.listen(db.engine(), "after_cursor_execute", wait)
    yield
    event.remove(db.engine(), "after_cursor_execute", wait)


def both(app: Flask, *acts: Act) -> list[str]:
    """What came of acts that begin together: "done", or the code of the refusal."""

    def run(act: Act) -> str:
        with app.app_context():
            try:
                act()
            except DomainError as error:
                return error.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def end_role_of(other: Principal, by: Principal) -> None:
    with reading() as session:
        grant_id = session.execute(
            select(RoleGrantRow.id).where(RoleGrantRow.person_id == other.person_id)
        ).scalar_one()
    service.end(grant_id, ender=by, reason="轮岗", now=NOW)


def disable(other: Principal, by: Principal, land: Land) -> None:
    staff = Staff(by.person_id, (land.national.path,), partial(outranks, now=NOW))
    standing.disable(other.person_id, by=staff, reason="离职", now=NOW)


def still_in_power(*people: Principal) -> int:
    with reading() as session:
        rows = session.execute(
            select(RoleGrantRow.person_id)
            .join(AccountRow, AccountRow.person_id == RoleGrantRow.person_id)
            .where(
                RoleGrantRow.person_id.in_([one.person_id for one in people]),
                RoleGrantRow.ended_at.is_(None),
                AccountRow.state == "active",
            )
        )
        return len(rows.all())


def test_one_of_two_who_end_each_others_role_is_in_time(
    clean: Flask, pair: tuple[Principal, Principal], meeting: None
) -> None:
    one, other = pair
    assert both(clean, partial(end_role_of, other, one), partial(end_role_of, one, other)) == ["done", "not_found"]
    assert still_in_power(one, other) == 1


def test_who_is_disabled_while_ending_a_role_is_in_time_or_told(
    clean: Flask, land: Land, pair: tuple[Principal, Principal], meeting: None
) -> None:
    chief, _other = pair
    province = make_person(land.province, "丁", grants={roles.UNIT_ADMIN: land.province})
    tutor = make_person(land.unit, "戊", grants={roles.CLASS_TUTOR: land.unit})
    found = both(clean, partial(disable, province, chief, land), partial(end_role_of, tutor, province))
    assert found in (["done", "done"], ["done", "not_found"])
    assert still_in_power(province) == 0
    assert still_in_power(tutor) == found.count("not_found")


def test_two_who_give_each_other_a_role_both_may(clean: Flask, land: Land, meeting: None) -> None:
    over = {roles.UNIT_ADMIN: land.province}
    one, other = (make_person(land.province, name, grants=over) for name in "丁戊")
    for who in (one, other):
        identity.vouch(who.person_id, actor_id=None, reason="核实", now=NOW)

    def give(to: Principal, by: Principal) -> None:
        new = NewGrant(to.person_id, roles.CLASS_TUTOR, land.unit.id, NOW, None, "承担培训班工作")
        service.grant(new, giver=by, now=NOW)

    assert both(clean, partial(give, other, one), partial(give, one, other)) == ["done", "done"]


def test_the_record_is_sound_afterwards(
    clean: Flask, pair: tuple[Principal, Principal], meeting: None, tmp_path: Path
) -> None:
    one, other = pair
    both(clean, partial(end_role_of, other, one), partial(end_role_of, one, other))
    assert audit.verify(tmp_path / "seals.log", now=NOW).ok
