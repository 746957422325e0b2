"""Lists are searched and filtered, what rests on a changed law is flagged, near-duplicates are found by a bounded search."""

from datetime import timedelta

import pytest
from flask import Flask

from bench.plans import recorded
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.questionbank import queries, service
from lms.questionbank.domain.knowledge import with_below
from lms.questionbank.queries import ItemFilter
from tests.factories.items import BANK, Desk, make_desk, publish, typed_item
from tests.factories.people import NOW, make_land

TODAY = NOW.date()


@pytest.fixture
def desk(clean: Flask) -> Desk:
    return make_desk(make_land())


def write(desk: Desk, stem: str, **other: object) -> None:
    service.create(BANK, typed_item(stem, **other), author_id=desk.author.person_id, now=NOW)


def listed(**wanted: object) -> set[str]:
    with reading() as session:
        lines = queries.item_lines(session, BANK, ItemFilter(**wanted), today=TODAY, limit=50)  # type: ignore[arg-type]
    return {one.stem for one in lines}


def test_each_filter_limits_the_list(desk: Desk) -> None:
    write(desk, "甲100%", knowledge_point="劳动法/集体合同", difficulty=4)
    write(desk, "乙", knowledge_point="劳动法", valid_until=TODAY + timedelta(days=10))
    write(desk, "丙", knowledge_point="劳动法规", valid_until=TODAY + timedelta(days=300))
    publish(desk, typed_item("丁"))
    assert listed() == {"甲100%", "乙", "丙", "丁"}
    assert listed(text="100%") == {"甲100%"} and listed(text="_") == set()
    with reading() as session:
        below = with_below(queries.knowledge_points(session, BANK), "劳动法")
    assert below == ("劳动法", "劳动法/集体合同") and listed(knowledge_points=below) == {"甲100%", "乙"}
    assert listed(difficulty=4) == {"甲100%"}
    assert listed(state="published") == {"丁"} and listed(type="fill_in") == set()
    assert listed(flagged=True) == {"乙"}


def test_an_item_is_listed_by_its_newest_version(desk: Desk) -> None:
    first = publish(desk, typed_item("旧"))
    with reading() as session:
        token = queries.version(session, first).token
    service.save(first, BANK, typed_item("新"), token=token, author_id=desk.author.person_id, now=NOW)
    assert listed() == {"新"}


def test_what_rests_on_a_law_is_flagged_at_once_until_it_is_settled(desk: Desk) -> None:
    write(desk, "甲", source="《工会法》第二条")
    write(desk, "乙", void_rule="工会法修改")
    write(desk, "丙", source="《劳动法》")
    with pytest.raises(Invalid):
        service.flag_by_source(BANK, "法", reason="修正", actor_id=desk.author.person_id, now=NOW)
    with pytest.raises(Invalid):
        service.flag_by_source(BANK, "工会法", reason=" ", actor_id=desk.author.person_id, now=NOW)
    assert service.flag_by_source(BANK, "工会法", reason="修正", actor_id=desk.author.person_id, now=NOW) == 2
    assert service.flag_by_source(BANK, "工会法", reason="再修正", actor_id=desk.author.person_id, now=NOW) == 0
    assert listed(flagged=True) == {"甲", "乙"}
    with reading() as session:
        (line,) = queries.item_lines(session, BANK, ItemFilter(text="甲"), today=TODAY, limit=5)
    assert line.flag == "修正"
    service.settle(line.id, BANK, actor_id=desk.author.person_id, now=NOW)
    assert listed(flagged=True) == {"乙"}


def test_near_duplicates_are_found_once_and_kept_when_both_are_wanted(desk: Desk) -> None:
    long = "职工一方与用人单位可以就劳动报酬、工作时间、休息休假等事项签订集体合同，下列说法正确的是"
    write(desk, long)
    write(desk, long.replace("职工一方与用人单位", "用人单位与职工一方"))
    write(desk, "企业应当依法按期足额缴纳工会经费，逾期的由人民法院强制执行")
    with reading() as session:
        (pair,) = queries.twins(session, BANK, limit=10)
        found = service.alike_to(session, BANK, typed_item(long))
    assert pair.likeness >= 33 and len(found) == 2 and found[0].likeness == 100
    service.both_wanted(pair.version_id, pair.other_id, BANK, actor_id=desk.author.person_id, now=NOW)
    with reading() as session:
        assert not queries.twins(session, BANK, limit=10)


def test_the_search_for_what_is_alike_takes_as_many_statements_in_any_bank(desk: Desk) -> None:
    taken = []
    for count in (1, 40):
        for number in range(count):
            write(desk, f"第{number}题与{count}：下列关于集体协商代表的说法正确的是")
        service.compare_some()
        with reading() as session, recorded() as statements:
            service.alike_to(session, BANK, typed_item("下列关于集体协商代表的说法正确的是"))
        taken.append(len(statements))
    assert taken[0] == taken[1]


def test_items_of_files_are_compared_by_the_worker_and_forgotten_with_their_drafts(desk: Desk) -> None:
    text = "【单选】T-1\n题干：职工一方与用人单位可以就劳动报酬等事项签订集体合同\nA. 对的\nB. 错的\n答案：A\n"
    other = text.replace("T-1", "T-2").replace("职工一方与用人单位", "用人单位与职工一方")
    read = service.read_file(f"{text}\n{other}".encode(), "题.txt")
    service.store_drafts(BANK, read.items, now=NOW, actor_id=desk.author.person_id)
    assert service.compare_some() == 2 and service.compare_some() == 0
    with reading() as session:
        (pair,) = queries.twins(session, BANK, limit=10)
    service.throw_away(pair.version_id, BANK, actor_id=desk.author.person_id, now=NOW)
    with reading() as session:
        assert not queries.twins(session, BANK, limit=10)
