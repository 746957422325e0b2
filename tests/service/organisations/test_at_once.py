"""Two administrators, or one who clicks twice: one change is made, and the tree stays one tree."""

from flask import Flask

from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from tests.factories.certificates import Land, MakePerson
from tests.factories.together import at_once
from tests.service.organisations.changes import ACT, NOW, act, add, now_of
from tests.service.organisations.test_laws_of_the_tree import assert_one_tree, everything

CODE = "91110000600037341L"


def made(results: list[object]) -> list[object]:
    return [one for one in results if not isinstance(one, DomainError)]


def test_a_double_click_founds_one_unit(clean: Flask, land: Land) -> None:
    results = at_once(*[lambda: add(land.province, "晨光厂工会")] * 3)
    assert len(made(results)) == 1
    assert [type(one) for one in results].count(service.NameTaken) == 2


def test_one_code_goes_to_one_unit(clean: Flask, land: Land) -> None:
    units = [add(land.province, f"第{number}厂工会") for number in range(3)]

    def recode(unit: Unit) -> object:
        return lambda: service.recode(unit.id, CODE, ACT)

    results = at_once(*[recode(unit) for unit in units])  # type: ignore[arg-type]
    assert len(made(results)) == 1
    assert [now_of(unit).uscc for unit in units].count(CODE) == 1


def test_of_two_who_saw_the_same_one_changes_it(clean: Flask, land: Land) -> None:
    with reading() as session:
        seen = queries.last_change_id(session, land.unit.id)
    results = at_once(
        lambda: service.rename(land.unit.id, "甲工会", act(seen=seen)),
        lambda: service.rename(land.unit.id, "乙工会", act(seen=seen)),
    )
    assert [type(one) for one in results].count(service.Changed) == 1
    with reading() as session:
        assert len(queries.changes(session, land.unit.id)) == 2


def test_two_moves_make_no_ring(clean: Flask, land: Land) -> None:
    cities = [add(land.province, f"第{number}市总工会", "city") for number in range(2)]
    county = add(cities[0], "西湖区总工会", "county")
    at_once(
        lambda: service.move(county.id, cities[1].id, ACT),
        lambda: service.merge(cities[1].id, cities[0].id, ACT),
        lambda: add(county, "晨光厂工会"),
        lambda: add(cities[1], "曙光厂工会"),
    )
    assert_one_tree(everything(land.national))


def test_who_joins_while_their_unit_moves_stands_at_its_new_place(
    clean: Flask, land: Land, make_person: MakePerson
) -> None:
    city, other = add(land.province, "杭州市总工会", "city"), add(land.province, "宁波市总工会", "city")
    firm = add(city, "晨光厂工会")
    at_once(
        lambda: make_person(unit=firm), lambda: service.move(firm.id, other.id, ACT), lambda: make_person(unit=firm)
    )
    with reading() as session:
        moved = queries.unit(session, firm.id)
        assert queries.touched(session, moved, now=NOW).people == 2
        assert queries.touched(session, city, now=NOW).people == 0


def test_a_request_is_settled_once(clean: Flask, land: Land, make_person: MakePerson) -> None:
    asker, admin = make_person(unit=land.province), make_person("管理员", unit=land.province)
    request_id = service.ask(asker, land.province.id, "曙光厂工会", now=NOW)
    results = at_once(
        *[
            lambda: service.settle(
                request_id, unit_id=None, name="曙光厂工会", actor_id=admin, reach=EVERYWHERE, now=NOW
            ),
            lambda: service.settle(request_id, unit_id=land.unit.id, actor_id=admin, reach=EVERYWHERE, now=NOW),
        ]
    )
    assert len(made(results)) == 1


def test_building_the_nation_at_once_builds_it_once(clean: Flask) -> None:
    at_once(*[lambda: service.build_nation(None, NOW)] * 3)
    with reading() as session:
        nation = queries.national(session)
        assert nation
        assert len(queries.subtree(session, nation.path, limit=99)) == 43
