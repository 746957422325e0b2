"""Rows that many services change are marked again by themselves, and a change never vouches for what somebody else wrote before."""

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Table, func, insert, select, update

from lms.accounts.domain import notice
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, ConsentRow, DisclosureRow, MembershipRow, PersonRow, RevealRow
from lms.accounts.service import identity, memberships, privacy, standing
from lms.audit import service
from lms.audit.domain.findings import Kind, Report
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.models import UnitRow
from lms.organisations.service import Act
from tests.factories.people import NOW, Land, make_land, make_person
from tests.service.audit.rare import see_and_give_away
from tests.service.audit.tampering import MARKS, without_triggers

ACT = Act(None, "机构调整", NOW, reach=EVERYWHERE)
CHANGES = [
    (PersonRow, {"name": "李鬼"}),
    (PersonRow, {"identity_level": "id_number"}),
    (PersonRow, {"mobile_hash": "0" * 64}),
    (PersonRow, {"id_number_sealed": "x", "id_number_hash": "0" * 64}),
    (PersonRow, {"unit_path": "/elsewhere/"}),
    (AccountRow, {"password_hash": "$argon2id$of-somebody-else"}),
    (AccountRow, {"totp_sealed": None, "state": "disabled"}),
    (MembershipRow, {"is_primary": False}),
    (ConsentRow, {"version": "1999.1"}),
    (RevealRow, {"reason": "没有看过"}),
    (DisclosureRow, {"persons": 0}),
    (UnitRow, {"uscc": "0" * 18}),
    (UnitRow, {"path": "/elsewhere/"}),
]


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person(land: Land) -> UUID:
    """Somebody of whom every followed table has a row."""
    person_id = make_person(land.unit, "张三", second_factor=True).person_id
    see_and_give_away(land, person_id, person_id, at=NOW)
    return person_id


def verify(log: Path) -> Report:
    return service.verify(log, now=NOW)


def count(source: str) -> int:
    with db.engine().connect() as connection:
        marks = select(func.count()).select_from(MARKS).where(MARKS.c.source == source)
        return connection.execute(marks).scalar_one()


def one_row(model: type[object]) -> UUID:
    table: Table = model.__table__  # type: ignore[attr-defined]  # a declared model has one
    with db.engine().connect() as connection:
        return connection.execute(select(table.c.id).order_by(table.c.id.desc()).limit(1)).scalar_one()


@pytest.mark.parametrize(
    ("model", "values"), CHANGES, ids=lambda part: getattr(part, "__tablename__", None) or "-".join(part)
)
def test_what_is_written_beside_the_platform_is_named(
    person: UUID, seal_log: Path, model: type[object], values: dict[str, object]
) -> None:
    assert verify(seal_log).ok
    row_id, table = one_row(model), model.__table__  # type: ignore[attr-defined]  # a declared model has one
    with without_triggers() as connection:
        assert connection.execute(update(table).where(table.c.id == row_id).values(values)).rowcount == 1
    report = verify(seal_log)
    assert set(report.counts) == {Kind.ALTERED}
    assert (table.name, row_id.hex) in {(one.source, one.row) for one in report.findings}


@pytest.mark.parametrize("model", [PersonRow, AccountRow, MembershipRow, ConsentRow, RevealRow, DisclosureRow, UnitRow])
def test_rows_that_appear_and_vanish_beside_the_platform_are_named(
    person: UUID, seal_log: Path, model: type[object]
) -> None:
    table: Table = model.__table__  # type: ignore[attr-defined]  # a declared model has one
    fresh = ids.new_id(NOW)
    with without_triggers() as connection:
        row = dict(connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).mappings().one())
        connection.execute(table.delete().where(table.c.id == row["id"]))
        unlike = {name: row[name][:-2] + "x/" for name in ("path",) if name in row}
        connection.execute(insert(table).values(row | {"id": fresh} | unlike))
    found = {(one.kind, one.source, one.row) for one in verify(seal_log).findings}
    assert {(Kind.DELETED, table.name, row["id"].hex), (Kind.UNMARKED, table.name, fresh.hex)} <= found


def test_whatever_the_platform_changes_is_marked_again(land: Land, person: UUID, seal_log: Path) -> None:
    by = Staff(make_person(land.province, "管理员").person_id, (land.province.path,))
    identity.confirm(person, by=by, reason="核对过证件", now=NOW)
    with unit_of_work() as session:
        identity.rename(session, person, "张叁", now=NOW)
        privacy.end(session, person, notice.PRIVACY, now=NOW)
    memberships.add_secondary(person, land.province.id, from_on=NOW.date(), by=by, reason="兼职", now=NOW)
    memberships.move(person, land.province.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    standing.disable(person, by=by, reason="离职", now=NOW)
    organisations.rename(land.unit.id, "杭州某集团工会", ACT)
    report = verify(seal_log)
    assert report.ok, report.findings
    assert report.checked["people"] >= 6
    service.seal_all(seal_log, now=NOW)
    assert verify(seal_log).ok


def test_people_of_a_unit_that_becomes_part_of_another_are_marked_again(
    land: Land, person: UUID, seal_log: Path
) -> None:
    organisations.merge(land.unit.id, land.other_unit.id, ACT)
    report = verify(seal_log)
    assert report.ok, report.findings


def test_a_subtree_that_moves_costs_one_mark(land: Land, person: UUID, seal_log: Path) -> None:
    city = organisations.add_unit(
        parent_id=land.province.id, name="杭州市总工会", kind="city", reach=EVERYWHERE, now=NOW
    )
    organisations.move(land.unit.id, city.id, ACT)
    units, people = count("unit"), count("person")
    organisations.move(city.id, land.other_province.id, ACT)
    assert (count("unit"), count("person")) == (units + 1, people)
    assert verify(seal_log).ok


def test_what_says_the_same_or_is_not_covered_gets_no_mark(person: UUID, seal_log: Path) -> None:
    before = count("account")
    with unit_of_work() as session:
        session.execute(update(AccountRow).values(totp_step=7))
        session.execute(update(AccountRow).values(state="active"))
        changed = session.execute(
            update(AccountRow)
            .where(AccountRow.person_id == person)
            .values(duty_password=True)
            .returning(AccountRow.state)
        ).all()
        session.execute(update(AccountRow).where(AccountRow.person_id == person).values(duty_password=False))
    assert [tuple(row) for row in changed] == [("active",)], "the caller gets what it asked for, and nothing else"
    assert count("account") == before
    assert verify(seal_log).ok


def test_a_later_change_does_not_vouch_for_what_was_written_beside_the_platform(
    land: Land, person: UUID, seal_log: Path
) -> None:
    with without_triggers() as connection:
        forged = update(AccountRow.__table__).where(AccountRow.person_id == person).values(totp_sealed=None)
        assert connection.execute(forged).rowcount == 1
    by = Staff(make_person(land.province, "管理员").person_id, (land.province.path,))
    standing.disable(person, by=by, reason="离职", now=NOW)
    standing.enable(person, by=by, reason="返岗", now=NOW)
    report = verify(seal_log)
    assert report.counts == {Kind.ALTERED: 1}
    assert report.findings[0].source == "account"


def test_a_change_that_is_undone_leaves_no_mark(person: UUID, seal_log: Path) -> None:
    before = count("person")
    with pytest.raises(RuntimeError), unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person).values(post="主席"))
        raise RuntimeError
    with unit_of_work() as session, pytest.raises(RuntimeError), session.begin_nested():
        session.execute(update(PersonRow).where(PersonRow.id == person).values(post="主席"))
        raise RuntimeError
    assert count("person") == before
    assert verify(seal_log).ok


def test_objects_that_change_are_followed_and_bulk_updates_by_key_refused(person: UUID, seal_log: Path) -> None:
    before = count("person")
    with unit_of_work() as session:
        session.get_one(PersonRow, person).name = "李四"
        session.query(PersonRow).filter_by(id=person).update({"post": "主席"})
    assert count("person") == before + 1
    assert verify(seal_log).ok
    with pytest.raises(TypeError, match="person"), unit_of_work() as session:
        session.execute(update(PersonRow), [{"id": person, "name": "李四"}])


def test_tables_that_become_official_are_adopted_once(person: UUID, seal_log: Path) -> None:
    with without_triggers() as connection:
        connection.execute(MARKS.delete().where(MARKS.c.source.in_(["person", "account"])))
    adopted = service.adopt_tables(now=NOW)
    assert adopted == {"person": 4, "account": 4}
    assert verify(seal_log).ok
    service.seal_all(seal_log, now=NOW)
    with without_triggers() as connection:
        connection.execute(MARKS.delete().where(MARKS.c.source == "person"))
    assert not service.adopt_tables(now=NOW)
    assert {Kind.UNMARKED, Kind.BATCH} <= set(verify(seal_log).counts)
