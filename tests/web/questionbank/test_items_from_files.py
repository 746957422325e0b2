"""Items come and go as files: everything in a file is shown before anything is stored, and each bank belongs to its unit."""

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lms import settings as settings_module
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock, ids
from lms.questionbank import queries, service
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.models import ItemImportRow, ItemVersionRow
from tests.factories.people import NOW, post
from tests.factories.qualification import id_number_of
from tests.web.questionbank.conftest import BANK, FOREIGN_BANK, Desk

GOOD = "::一::工会是 {=群众组织 ~行政机关}\n\n::二::<b>会员</b>代表大会 {~%50%甲 ~%50%乙 ~%-100%丙}\n"
FAULTY = GOOD + "\n::三::没有答案 {}{}\n"


def bring(
    client: FlaskClient, data: str | bytes, *, bank: str = BANK, name: str = "题目.gift", **fields: str
) -> TestResponse:
    raw = data.encode() if isinstance(data, str) else data
    return post(client, f"/staff/banks/{bank}/import", {"file": (io.BytesIO(raw), name), **fields})


def read(client: FlaskClient, data: str | bytes) -> str:
    """The address of the preview."""
    answer = bring(client, data)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def store(client: FlaskClient, preview: str, **fields: str) -> TestResponse:
    return post(client, f"{preview}/application", fields)


def stored() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(ItemVersionRow)).scalar_one()


def test_a_file_is_shown_whole_then_stored_as_drafts(desk: Desk) -> None:
    preview = read(desk.author, GOOD)
    page = desk.author.get(preview)
    assert "2 道题可以导入" in page.text and "群众组织" in page.text and "正确答案" in page.text
    assert "&lt;b&gt;会员" not in page.text or "<b>会员" not in page.text
    assert stored() == 0
    assert store(desk.author, preview).status_code == 303
    assert stored() == 2
    listed = desk.author.get(f"/staff/banks/{BANK}?state=draft")
    assert "工会是" in listed.text
    with reading() as session:
        assert not queries.drawable_items(session, [BANK])


def test_a_file_with_faults_stores_nothing_unless_the_whole_items_are_asked_for(desk: Desk) -> None:
    preview = read(desk.author, FAULTY)
    page = desk.author.get(preview)
    assert "文件中有错误" in page.text and "行" in page.text
    assert store(desk.author, preview).status_code == 409
    assert stored() == 0
    assert store(desk.author, preview, only_valid="y").status_code == 303
    assert stored() == 2


def test_a_second_press_stores_nothing_again(desk: Desk) -> None:
    preview = read(desk.author, GOOD)
    store(desk.author, preview)
    assert store(desk.author, preview).status_code == 409
    assert stored() == 2
    assert "已经导入" in desk.author.get(preview).text


def test_other_words_under_a_known_code_are_refused_unless_they_replace(desk: Desk) -> None:
    first = "【单选】T-1\n题干：工会的性质是：\nA. 群众组织\nB. 行政机关\n答案：A\n"
    store(desk.author, read(desk.author, first))
    changed = read(desk.author, first.replace("行政机关", "企业部门"))
    refused = store(desk.author, changed)
    assert refused.status_code == 422 and "T-1" in refused.text
    assert store(desk.author, changed, replacing="y").status_code == 303
    with reading() as session:
        (item,) = queries.on_their_way(session, BANK)
    assert item.item.choices[1].text == "企业部门"


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"", {}),
        (b"\xff\xfe\xff", {}),
        (b"PK\x03\x04not a book", {}),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><quiz>&a;</quiz>", {}),
    ],
    ids=["empty", "no text", "no book", "entities"],
)
def test_what_is_no_file_of_items_is_told_and_nothing_is_stored(
    desk: Desk, data: bytes, fields: dict[str, str]
) -> None:
    answer = bring(desk.author, data, **fields)
    if answer.status_code == 303:
        page = desk.author.get(str(answer.location))
        assert "文件中有错误" in page.text and "保存为草稿" not in page.text
        assert store(desk.author, str(answer.location), only_valid="y").status_code == 409
    else:
        assert answer.status_code == 422 and "文件" in answer.text
    assert stored() == 0


def test_a_file_that_is_too_large_is_refused_by_name(desk: Desk) -> None:
    answer = bring(desk.author, b"a" * (settings_module.current().item_file_bytes + 1))
    assert answer.status_code == 422 and "20 MB" in answer.text


@pytest.mark.parametrize("path", ["", "/import"])
def test_a_foreign_bank_is_as_absent_as_none(desk: Desk, path: str) -> None:
    foreign, absent = (desk.author.get(f"/staff/banks/{code}{path}") for code in (FOREIGN_BANK, "B-NOWHERE"))
    assert foreign.status_code == absent.status_code == 404
    assert bring(desk.author, GOOD, bank=FOREIGN_BANK).status_code == 404
    assert post(desk.author, f"/staff/banks/{FOREIGN_BANK}/export", {"format": "gift"}).status_code == 404
    assert "外省题库" not in desk.author.get("/staff/banks").text


def test_a_read_file_is_its_readers_own(desk: Desk) -> None:
    preview = read(desk.author, GOOD)
    for other in (desk.colleague, desk.stranger):
        assert other.get(preview).status_code == 404
        assert store(other, preview).status_code == 404
    assert desk.author.get(f"/staff/item-imports/{ids.new_secret_id()}").status_code == 404
    assert desk.learner.get("/staff/banks").status_code == 403
    assert stored() == 0


def test_only_the_newest_unconfirmed_file_of_a_person_waits(desk: Desk) -> None:
    first, second = read(desk.author, GOOD), read(desk.author, FAULTY)
    assert desk.author.get(first).status_code == 404
    assert desk.author.get(second).status_code == 200
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ItemImportRow)).scalar_one() == 1


def test_what_was_stored_is_dropped_after_a_week(desk: Desk) -> None:
    first = read(desk.author, GOOD)
    store(desk.author, first)
    read(desk.author, FAULTY)
    assert desk.author.get(first).status_code == 200, "within the week a second press is answered"
    with unit_of_work() as session:
        session.execute(update(ItemImportRow).values(read_at=clock.now() - timedelta(days=8)))
    read(desk.author, FAULTY)
    assert desk.author.get(first).status_code == 404
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ItemImportRow)).scalar_one() == 1


@pytest.mark.parametrize("format", [one.value for one in service.WRITTEN])
def test_a_bank_leaves_as_a_file_that_reads_back_and_leaves_a_trace(desk: Desk, format: str) -> None:
    store(desk.author, read(desk.author, GOOD))
    answer = post(desk.author, f"/staff/banks/{BANK}/export", {"format": format})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    again = service.read_file(answer.data, "x", Format(format))
    assert not again.faults and len(again.items) == 2
    with reading() as session:
        trace = session.execute(
            select(AuditEntryRow.details).where(AuditEntryRow.action == "items.exported")
        ).scalar_one()
    assert trace["items"] == 2 and trace["format"] == format


def test_what_a_format_cannot_say_is_named_and_not_written(desk: Desk) -> None:
    case = "【案例】T-3\n题干：某企业拒绝协商。\n\n【子题·简答】\n题干：工会怎么办？\n答案：提出要约\n"
    store(desk.author, read(desk.author, case))
    answer = post(desk.author, f"/staff/banks/{BANK}/export", {"format": "gift"})
    assert answer.status_code == 422 and "T-3" in answer.text
    assert post(desk.author, f"/staff/banks/{BANK}/export", {"format": "docx"}).status_code == 404


def test_lists_go_on_where_the_page_before_ended(desk: Desk) -> None:
    many = "\n\n".join(f"第{number}题 {{=甲{number} ~乙{number}}}" for number in range(70))
    store(desk.author, read(desk.author, many))
    seen, address = set[str](), f"/staff/banks/{BANK}"
    for _page in range(3):
        text = desk.author.get(address).text
        seen |= {f"第{number}题" for number in range(70) if f"第{number}题 " in text or f"第{number}题<" in text}
        address = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in text else ""
    assert len(seen) == 70 and not address
    assert desk.author.get(f"/staff/banks/{BANK}?after=nonsense").status_code == 404
    assert desk.author.get(f"/staff/banks/{BANK}?state=nonsense").status_code == 404


def test_banks_before_this_page_are_listed_by_unit(desk: Desk) -> None:
    service.ensure_bank("B-NOBODY", "无主题库", now=NOW)
    assert "无主题库" not in desk.author.get("/staff/banks").text


def test_an_item_with_an_id_number_is_not_kept_from_a_file(desk: Desk) -> None:
    number = id_number_of(1)
    preview = read(desk.author, GOOD.replace("工会是", f"张某（{number}）说工会是"))
    assert "题目里有身份证号" in desk.author.get(preview).text
    with reading() as session:
        kept = session.execute(select(ItemImportRow.items, ItemImportRow.faults)).one()
    assert number not in str(kept)
    assert store(desk.author, preview).status_code == 409 and stored() == 0


@pytest.mark.parametrize("between", ['<span title="出生 > 日期">', "<!-- a > b -->", "</td>\n        <td>"])
def test_what_a_conversion_joins_is_looked_at_as_it_will_be_stored(desk: Desk, between: str) -> None:
    number = id_number_of(1)
    xml = (
        '<quiz><question type="essay"><name><text>题</text></name><questiontext format="html"><text><![CDATA[<p>张某'
        f"{number[:6]}{between}{number[6:]}</p>]]></text></questiontext><graderinfo><text>略</text></graderinfo></question></quiz>"
    )
    assert bring(desk.author, xml, name="题.xml").status_code == 303
    with reading() as session:
        items, faults = session.execute(select(ItemImportRow.items, ItemImportRow.faults)).one()
    assert items == [] and "身份证号" in str(faults)


def test_tags_between_the_digits_hide_no_number_and_places_quote_none(desk: Desk) -> None:
    number = id_number_of(1)
    hidden = f"<span>{number[:6]}</span>{number[6:14]}<b>{number[14:]}</b>"
    xml = (
        f'<quiz><question type="truefalse"><name><text>{number}</text></name><questiontext format="html"><text><![CDATA[<p>张某'
        f'{hidden}</p>]]></text></questiontext><answer fraction="100"><text>true</text></answer><answer fraction="0">'
        f'<text>false</text></answer></question><question type="{number}"/></quiz>'
    )
    answer = bring(desk.author, xml, name="题.xml")
    assert answer.status_code == 303, answer.text
    with reading() as session:
        items, faults = session.execute(select(ItemImportRow.items, ItemImportRow.faults)).one()
    assert items == [] and len(faults) == 2 and number not in str(faults)


def test_a_fault_that_quotes_the_file_keeps_no_number(desk: Desk) -> None:
    number = id_number_of(1)
    written = f"1. 工会是什么？\nA. 群众组织\nB. 机关\n答案：{number}\n解析：略\n"
    preview = read(desk.author, written.encode())
    assert number not in desk.author.get(preview).text
    with reading() as session:
        (faults,) = session.execute(select(ItemImportRow.faults)).one()
    assert faults and number not in str(faults)
