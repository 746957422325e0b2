"""Items are typed in, previewed as a learner sees them, saved by one page at a time, handed in and decided by others."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.infra.db import reading, unit_of_work
from lms.questionbank import queries, service
from lms.questionbank.domain.itemstatistics import ItemStatistics, Signal
from lms.questionbank.events import Usage, usage_asked
from tests.factories.items import make_desk, publish, typed_item
from tests.factories.people import NOW, make_person, post, signed_in
from tests.factories.qualification import id_number_of
from tests.web.conftest import Statements
from tests.web.questionbank.conftest import BANK, FOREIGN_BANK, Desk

HOME = f"/staff/banks/{BANK}"
TYPED: dict[str, dict[str, Any]] = {
    "single": {"option": ["群众组织", "行政机关", ""], "right": ["0"]},
    "multiple": {"option": ["甲", "乙", "丙"], "right": ["0", "2"]},
    "true_false": {"truth": "F"},
    "fill_in": {"blanks": "北京 | 首都\n3±0.5"},
    "matching": {"pairs": "甲 => 一\n乙 => 二\n=> 三"},
    "short_answer": {"reference": "因为**工会**"},
    "case": {"question": ["怎么办？", ""], "answer": ["发出要约", ""]},
}


def fields(kind: str = "single", stem: str = "工会**不**是？<b>", **more: Any) -> dict[str, Any]:
    return {"type": kind, "stem": stem, "difficulty": "3", "knowledge_point": "工会法/性质", **TYPED[kind], **more}


def write(client: FlaskClient, **more: Any) -> str:
    """The address of the page of a new item."""
    answer = post(client, f"{HOME}/items", fields(**more))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def token_of(page: str) -> str:
    found = re.search(r'name="token"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def item_of(address: str) -> queries.VersionOfItem:
    with reading() as session:
        return queries.version(session, UUID(address.rsplit("/", 1)[-1]))


@pytest.mark.parametrize("kind", TYPED)
def test_each_type_is_typed_in_previewed_and_shown_again(desk: Desk, kind: str) -> None:
    assert desk.author.get(f"{HOME}/items/new?type={kind}").status_code == 200
    preview = post(desk.author, f"{HOME}/items", fields(kind, preview="1"))
    assert preview.status_code == 200 and "学员看到的样子" in preview.text
    assert '<strong class="marked-strong">不</strong>' in preview.text and "&lt;b&gt;" in preview.text
    with reading() as session:
        assert not queries.on_their_way(session, BANK)
    address = write(desk.author, kind=kind)
    page = desk.author.get(address)
    assert page.status_code == 200 and "草稿" in page.text and "甲" in page.text
    editor = desk.author.get(f"{address}/edit")
    for value in TYPED[kind].values():
        for text in [value] if isinstance(value, str) else value:
            assert html.escape(text) in editor.text.replace("&#34;", "&quot;")
    again = post(desk.author, f"{address}/edit", fields(kind, token=token_of(editor.text), ref=item_of(address).ref))
    assert again.status_code == 303 and again.location == address


def test_a_key_is_nowhere_in_what_a_learner_would_see(desk: Desk) -> None:
    page = post(desk.author, f"{HOME}/items", fields("fill_in", preview="1")).text
    asked = page.split("学员看到的样子")[1].split("</section>")[0]
    assert "北京" not in asked and "第 1 空" in asked


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"stem": ""}, "题干没有填写"),
        ({"right": []}, "没有正确的选项"),
        ({"right": ["9"]}, "没有正确的选项"),
        ({"valid_until": "never"}, "有效期至"),
        ({"difficulty": "9"}, "难度"),
        ({"knowledge_point": "一/二/三/四/五/六"}, "知识点最多"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk: Desk, more: dict[str, Any], said: str) -> None:
    answer = post(desk.author, f"{HOME}/items", fields(**{"stem": "工会是？", **more}))
    assert answer.status_code == 422 and said in answer.text and "群众组织" in answer.text
    with reading() as session:
        assert not queries.on_their_way(session, BANK)


def test_more_rows_are_given_without_scripts_and_without_faults(desk: Desk) -> None:
    answer = post(desk.author, f"{HOME}/items", fields(stem="", more="1"))
    assert answer.status_code == 200 and answer.text.count('name="option"') == 5 and "没有填写" not in answer.text


def test_the_second_of_two_pages_is_told_keeps_its_words_and_may_save_again(desk: Desk) -> None:
    address = write(desk.author)
    first, second = (token_of(client.get(f"{address}/edit").text) for client in (desk.author, desk.colleague))
    ref = item_of(address).ref
    assert post(desk.author, f"{address}/edit", fields(stem="先写的", token=first, ref=ref)).status_code == 303
    told = post(desk.colleague, f"{address}/edit", fields(stem="后写的", token=second, ref=ref))
    assert told.status_code == 409 and "没有保存" in told.text and "先写的" in told.text and "后写的" in told.text
    assert item_of(address).item.stem == "先写的"
    again = post(desk.colleague, f"{address}/edit", fields(stem="后写的", token=token_of(told.text), ref=ref))
    assert again.status_code == 303 and item_of(address).item.stem == "后写的"


def test_an_item_goes_through_both_levels_on_the_pages(clean: Flask, desk: Desk) -> None:
    province = signed_in(clean, make_person(desk.land.unit, "省", grants={roles.PROVINCE_REVIEWER: desk.land.province}))
    nation = signed_in(clean, make_person(desk.land.unit, "国", grants={roles.NATIONAL_REVIEWER: desk.land.national}))
    address = write(desk.author)
    version_id = address.rsplit("/", 1)[-1]
    review = f"/staff/item-reviews/{version_id}"
    assert province.get(review).status_code == 404
    assert post(desk.author, f"{HOME}/submissions", {"version": version_id}).status_code == 303
    assert post(desk.author, f"{HOME}/submissions", {"version": version_id}).status_code == 303
    assert "已经提交或发布" in desk.author.get(address).text
    assert "工会" in province.get("/staff/item-reviews").text
    assert nation.get(review).status_code == 404 and desk.author.get(review).status_code == 403
    page = province.get(review)
    sent = {"token": token_of(page.text), "level": "province", "decision": "return", "comment": ""}
    assert post(province, f"{review}/decision", sent).status_code == 422
    assert post(province, f"{review}/decision", {**sent, "decision": "approve"}).status_code == 303
    sent = {"token": token_of(nation.get(review).text), "level": "national", "decision": "approve"}
    assert post(nation, f"{review}/decision", sent).status_code == 303
    assert "已发布" in desk.author.get(address).text
    with reading() as session:
        assert [str(one.version_id) for one in queries.drawable_items(session, [BANK])] == [version_id]
    assert "修订（新版本）" in desk.author.get(address).text
    assert nation.get(address).status_code == 200
    assert post(nation, f"{address}/withdrawal", {"reason": " "}).status_code == 422
    assert post(nation, f"{address}/withdrawal", {"reason": "法规废止"}).status_code == 303
    assert "已停用" in desk.author.get(address).text


def test_a_foreign_item_and_a_learner_get_nothing(desk: Desk) -> None:
    own = write(desk.author)
    writer = make_person(desk.land.other_unit, "丁").person_id
    foreign = service.create(FOREIGN_BANK, typed_item("外省"), author_id=writer, now=NOW)
    for path in (f"/staff/banks/{FOREIGN_BANK}/items/{foreign}", f"{HOME}/items/{foreign}"):
        assert desk.author.get(path).status_code == 404
        assert desk.author.get(f"{path}/edit").status_code == 404
        assert post(desk.author, f"{path}/deletion").status_code == 404
        assert post(desk.author, f"{path}/flag", {"reason": "x"}).status_code == 404
    assert desk.stranger.get(own).status_code == 404
    assert desk.learner.get(own).status_code == 403
    assert post(desk.author, f"{HOME}/submissions", {"version": str(foreign)}).status_code == 404
    assert post(desk.author, f"{HOME}/submissions", {"version": "nonsense"}).status_code == 404


def test_drafts_are_flagged_and_thrown_away(desk: Desk) -> None:
    address = write(desk.author, source="《工会法》第二条")
    assert post(desk.author, f"{HOME}/flags", {"source": "工会法", "reason": ""}).status_code == 422
    assert post(desk.author, f"{HOME}/flags", {"source": "工会法", "reason": "修正"}).status_code == 303
    assert "待重审：修正" in desk.author.get(address).text
    assert post(desk.author, f"{address}/flag/settlement").status_code == 303
    assert "待重审：修正" not in desk.author.get(address).text
    assert post(desk.author, f"{address}/deletion").status_code == 303
    assert desk.author.get(address).status_code == 404


def test_what_statistics_say_stands_with_the_item_until_it_is_settled(desk: Desk) -> None:
    reviewers = make_desk(desk.land, bank=BANK)
    version_id = publish(reviewers, typed_item("人人答错的题"), bank=BANK)
    publish(reviewers, typed_item("好题"), bank=BANK)
    with unit_of_work() as session:
        service.keep_signals(session, {version_id: (Signal.HARD, Signal.DISTRACTOR)}, now=NOW)
    listed = desk.author.get(f"{HOME}?signalled=1").text
    assert "人人答错的题" in listed and "好题" not in listed and "偏难" in listed
    address = f"{HOME}/items/{version_id}"
    figures = {version_id: Usage(41, ItemStatistics(40, 0.25, -0.125))}
    with usage_asked.connected_to(lambda _sender, **_asked: figures):
        page = desk.author.get(address).text
    assert "有 40 人作答（每人只计第一次）：得分率 p = 0.25，区分度 -0.12" in page
    assert "得分率不到三成" in page and "先核对答案" in page
    assert post(desk.author, f"{address}/flag/settlement").status_code == 303
    assert "得分率不到三成" not in desk.author.get(address).text
    assert "人人答错的题" not in desk.author.get(f"{HOME}?signalled=1").text


def test_knowledge_points_and_duplicates_have_their_pages(desk: Desk) -> None:
    write(desk.author, stem="职工一方与用人单位可以就劳动报酬、工作时间签订集体合同")
    saved = post(desk.author, f"{HOME}/items", fields(stem="用人单位与职工一方可以就劳动报酬、工作时间签订集体合同"))
    assert "近乎重复" in desk.author.get(str(saved.location)).text
    assert post(desk.author, f"{HOME}/knowledge-points", {"path": ""}).status_code == 422
    assert post(desk.author, f"{HOME}/knowledge-points", {"path": "劳动法／集体合同"}).status_code == 303
    page = desk.author.get(f"{HOME}/knowledge-points").text
    assert "集体合同" in page and "性质" in page
    service.compare_some()
    page = desk.author.get(f"{HOME}/duplicates").text
    version, other = re.findall(r'name="(?:version|other)" value="([^"]*)"', page)
    assert post(desk.author, f"{HOME}/duplicates", {"version": version, "other": other}).status_code == 303
    assert "没有近似的题目" in desk.author.get(f"{HOME}/duplicates").text
    for after in ("x", f"{9**30}~{uuid4()}~{uuid4()}", f"-1~{uuid4()}~{uuid4()}"):
        assert desk.author.get(f"{HOME}/duplicates?after={after}").status_code == 404


def test_the_list_takes_as_many_statements_for_any_number(desk: Desk, statements: Statements) -> None:
    taken = []
    for number in range(6):
        write(desk.author, stem=f"第{number}题")
        with statements() as counted:
            desk.author.get(HOME)
        taken.append(len(counted))
    assert len(set(taken[1:])) == 1


@pytest.mark.parametrize("field", ["stem", "option", "feedback", "source", "knowledge_point", "void_rule"])
def test_no_text_of_an_item_holds_an_id_number(desk: Desk, field: str) -> None:
    text = f"张某 {id_number_of(1)}"
    answer = post(desk.author, f"{HOME}/items", fields(**{field: [text, "乙"] if field == "option" else text}))
    assert answer.status_code == 422 and "身份证号" in answer.text
    with reading() as session:
        assert not queries.on_their_way(session, BANK)


def test_no_knowledge_point_is_called_by_a_number(desk: Desk) -> None:
    answer = post(desk.author, f"{HOME}/knowledge-points", {"path": f"张某{id_number_of(1)}"})
    assert answer.status_code == 422 and "身份证号" in answer.text
    with reading() as session:
        assert not queries.knowledge_points(session, BANK)
