"""A unit changes its name and code, is closed and opened again; each change is dated, explained and audited."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from tests.factories.certificates import Land, MakePerson
from tests.service.organisations.changes import ACT, NOW, act, add, now_of

CODE = "91110000600037341L"
OTHER_CODE = "9133010060000000X5"


def test_a_new_unit_has_its_first_change(clean: Flask, land: Land) -> None:
    made = add(land.province, "西湖区总工会", "county", uscc=CODE.lower())
    with reading() as session:
        (change,) = queries.changes(session, made.id)
    assert (change.action, change.before) == ("created", {})
    assert change.after == {"name": "西湖区总工会", "kind": "county", "uscc": CODE, "parent": str(land.province.id)}
    assert change.effective_on == date(2026, 11, 22)


def test_a_name_changes_and_the_history_keeps_both(clean: Flask, land: Land) -> None:
    service.rename(land.unit.id, " 新  名 ", act(reason="文件〔2026〕1号", effective_on=date(2026, 10, 1)))
    assert now_of(land.unit).name == "新 名"
    with reading() as session:
        change = queries.changes(session, land.unit.id)[0]
        entries = session.execute(
            select(AuditEntryRow.action, AuditEntryRow.details).where(AuditEntryRow.object_id == str(land.unit.id))
        ).all()
    assert (change.before, change.after) == ({"name": "某某公司工会"}, {"name": "新 名"})
    assert (change.effective_on, change.reason) == (date(2026, 10, 1), "文件〔2026〕1号")
    recorded = {entry.action: entry.details for entry in entries}
    assert recorded.keys() == {"unit.created", "unit.renamed"}
    assert recorded["unit.renamed"]["after"] == {"name": "新 名"}


def test_a_code_is_set_changed_and_taken_away(clean: Flask, land: Land) -> None:
    for typed, kept in ((CODE, CODE), ("", None)):
        service.recode(land.unit.id, typed, ACT)
        assert now_of(land.unit).uscc == kept
    with reading() as session:
        found = [one.after for one in queries.changes(session, land.unit.id)[:2]]
    assert {"uscc": CODE} in found and {"uscc": None} in found


REFUSED: list[tuple[str, type[DomainError], Callable[[Land, Unit], object]]] = [
    ("no name", service.WrongName, lambda land, _o: service.rename(land.unit.id, "（ ）", ACT)),
    ("a long name", service.WrongName, lambda land, _o: service.rename(land.unit.id, "长" * 121, ACT)),
    ("the same name", Invalid, lambda land, _o: service.rename(land.unit.id, land.unit.name, ACT)),
    ("a sibling's name", service.NameTaken, lambda land, other: service.rename(land.unit.id, other.name, ACT)),
    ("a sibling's name, new", service.NameTaken, lambda land, other: add(land.province, other.name)),
    ("a wrong code", Invalid, lambda land, _o: service.recode(land.unit.id, CODE[:-1] + "0", ACT)),
    ("another's code", service.CodeTaken, lambda land, _o: service.recode(land.unit.id, CODE, ACT)),
    ("another's code, new", service.CodeTaken, lambda land, _o: add(land.province, "新单位", uscc=CODE)),
    ("a day to come", service.NotYet, lambda land, _o: service.close(land.unit.id, act(effective_on=date(2027, 1, 1)))),
    ("a unit with units below", service.StillInUse, lambda land, _o: service.close(land.province.id, ACT)),
    ("the root", service.WrongPlace, lambda land, _o: service.close(land.national.id, ACT)),
    ("an open unit opened", service.AlreadyClosed, lambda land, _o: service.reopen(land.unit.id, ACT)),
    ("no unit", NotFound, lambda _l, _o: service.close(ids.new_id(), ACT)),
]


@pytest.mark.parametrize(("error", "change"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_changes_nothing(
    clean: Flask, land: Land, error: type[DomainError], change: Callable[[Land, Unit], object]
) -> None:
    other = add(land.province, "别的单位", uscc=CODE)
    with reading() as session:
        before = queries.subtree(session, land.national.path, limit=99)
    with pytest.raises(error):
        change(land, other)
    with reading() as session:
        assert queries.subtree(session, land.national.path, limit=99) == before
        assert len(queries.changes(session, land.unit.id)) == 1


def test_a_unit_with_people_is_not_closed(clean: Flask, land: Land, make_person: MakePerson) -> None:
    make_person()
    with pytest.raises(service.StillInUse):
        service.close(land.unit.id, ACT)
    assert now_of(land.unit).state == "open"


def test_a_closed_unit_is_opened_again(clean: Flask, land: Land) -> None:
    service.close(land.unit.id, ACT)
    assert now_of(land.unit).state == "closed"
    for change in (
        lambda: service.rename(land.unit.id, "别名", ACT),
        lambda: service.close(land.unit.id, ACT),
        lambda: service.move(land.unit.id, land.national.id, ACT),
        lambda: add(land.unit, "下级"),
    ):
        with pytest.raises((service.AlreadyClosed, service.WrongPlace)):
            change()
    service.reopen(land.unit.id, ACT)
    assert now_of(land.unit).state == "open"
    with reading() as session:
        assert [one.action for one in queries.changes(session, land.unit.id)] == ["reopened", "closed", "created"]


def test_a_name_or_code_taken_meanwhile_keeps_a_unit_closed(clean: Flask, land: Land) -> None:
    service.recode(land.unit.id, CODE, ACT)
    service.close(land.unit.id, ACT)
    namesake = add(land.province, land.unit.name)
    with pytest.raises(service.NameTaken):
        service.reopen(land.unit.id, ACT)
    service.rename(namesake.id, "另一个", ACT)
    service.recode(namesake.id, CODE, ACT)
    with pytest.raises(service.CodeTaken):
        service.reopen(land.unit.id, ACT)


def test_who_saw_an_older_state_changes_nothing(clean: Flask, land: Land) -> None:
    with reading() as session:
        seen = queries.last_change_id(session, land.unit.id)
    service.rename(land.unit.id, "先改的", act(seen=seen))
    with pytest.raises(service.Changed):
        service.rename(land.unit.id, "后改的", act(seen=seen))
    assert now_of(land.unit).name == "先改的"
    assert NOW.tzinfo
