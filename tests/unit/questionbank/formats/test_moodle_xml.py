"""Moodle XML: what each element says, what is refused by its name, and files that are out to do harm."""

import base64
from decimal import Decimal

import pytest

from lms.questionbank.domain.exchange import Accepted, ExchangeItem, Kind, Number, Pair, TextFormat
from lms.questionbank.domain.formats.moodle import read_moodle
from lms.questionbank.domain.formats.outcome import ReadItem
from tests.factories.qualification import id_number_of
from tests.unit.questionbank.exchange_items import PNG

HEAD = (
    '<name><text>名</text></name><questiontext format="html"><text><![CDATA[<p>题</p>]]></text>{files}</questiontext>'
)
ANSWER = (
    '<answer fraction="{0}" format="html"><text>{1}</text><feedback format="html"><text>{2}</text></feedback></answer>'
)
RIGHT, WRONG = ANSWER.format(100, "甲", "对"), ANSWER.format(0, "乙", "")


def quiz(type_name: str, inner: str, *, head: str = HEAD.format(files="")) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><quiz><question type="{type_name}">{head}{inner}</question></quiz>'


def read(text: str) -> ReadItem:
    reading = read_moodle(text)
    assert reading.faults == ()
    (found,) = reading.items
    return found


def item(type_name: str, inner: str) -> ExchangeItem:
    return read(quiz(type_name, inner)).item


def test_a_single_choice_with_its_settings() -> None:
    found = item(
        "multichoice",
        f"<single>true</single><shuffleanswers>0</shuffleanswers><penalty>0.3333333</penalty><idnumber>C1-1</idnumber>"
        f"<defaultgrade>2.0000000</defaultgrade>{RIGHT}{WRONG}<tags><tag><text>难度:3</text></tag></tags>",
    )
    assert (found.kind, found.format, found.stem, found.title, found.ref) == (
        Kind.SINGLE, TextFormat.HTML, "<p>题</p>", "名", "C1-1"
    )  # fmt: skip
    assert (found.shuffle, found.penalty, found.points, found.difficulty) == (False, Decimal("0.3333333"), 2, 3)
    assert [(one.text, one.fraction, one.feedback) for one in found.choices] == [("甲", 100, "对"), ("乙", 0, "")]


def test_fractions_of_a_multiple_choice() -> None:
    shares = [("33.33333", "甲"), ("66.66667", "乙"), ("-100", "丙")]
    inner = "<single>false</single>" + "".join(ANSWER.format(share, name, "") for share, name in shares)
    found = item("multichoice", inner)
    assert found.kind is Kind.MULTIPLE
    assert [one.fraction for one in found.choices] == [Decimal("33.33333"), Decimal("66.66667"), Decimal(-100)]


def test_a_statement_in_either_order() -> None:
    found = item("truefalse", ANSWER.format(0, "false", "再想想") + ANSWER.format(100, "true", ""))
    assert [(one.text, one.fraction, one.feedback) for one in found.choices] == [
        ("正确", 100, ""),
        ("错误", 0, "再想想"),
    ]


def test_typed_words_and_numbers() -> None:
    words = item("shortanswer", "<usecase>1</usecase>" + ANSWER.format(100, "北*", "") + ANSWER.format(50, "京", ""))
    assert words.blanks[0].answers == (Accepted("北*"), Accepted("京", Decimal(50)))
    assert words.blanks[0].case_sensitive
    number = '<answer fraction="100"><text>3.14</text><tolerance>0.01</tolerance></answer><answer fraction="0"><text>*</text></answer>'
    assert item("numerical", number).blanks[0].answers == (
        Number(Decimal("3.14"), Decimal("0.01")), Accepted("*", Decimal(0))
    )  # fmt: skip


def test_pairs_and_an_essays_model_answer() -> None:
    sub = '<subquestion format="html"><text>{}</text><answer><text>{}</text></answer></subquestion>'
    found = item("matching", sub.format("甲", "一") + sub.format("乙", "二") + sub.format("", "三"))
    assert found.pairs == (Pair("甲", "一"), Pair("乙", "二"), Pair("", "三"))
    assert item("essay", '<graderinfo format="html"><text>要点</text></graderinfo>').reference == "要点"


def test_pictures_come_along() -> None:
    file = f'<file name="a.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file>'
    found = read(quiz("essay", "", head=HEAD.format(files=file)))
    assert [(one.name, one.data) for one in found.item.pictures] == [("a.png", PNG)]


def test_a_picture_whose_name_holds_an_id_number_is_refused() -> None:
    named = base64.b64encode(PNG).decode()
    file = f'<file name="{id_number_of(1)}.png" path="/" encoding="base64">{named}</file>'
    faults = [one.message for one in read_moodle(quiz("essay", "", head=HEAD.format(files=file))).faults]
    assert faults and "身份证号" in faults[0] and id_number_of(1) not in str(faults)


def test_plain_texts_beside_html_are_escaped() -> None:
    plain = '<answer fraction="100" format="plain_text"><text>1 &lt; 2</text></answer>'
    assert item("multichoice", plain + WRONG).choices[0].text == "1 &lt; 2"


def test_what_is_left_aside_is_said() -> None:
    inner = f"{RIGHT}{WRONG}<correctfeedback><text>好</text></correctfeedback><hint><text>想</text></hint>"
    head = '<questiontext format="html"><text>看 &lt;img src="@@PLUGINFILE@@/b.png"&gt;</text></questiontext>'
    warnings = read(quiz("multichoice", inner, head=head)).warnings
    assert [one[:8] for one in warnings] == ["全对、部分对、全", "多次作答的提示（"]


REFUSED: dict[str, tuple[str, str]] = {
    "cloze": (quiz("cloze", ""), "不支持题型 'cloze'（完形填空）"),
    "description": (quiz("description", ""), "不支持题型 'description'（说明）"),
    "a type of a plugin": (quiz("jme", ""), "不支持题型 'jme'"),
    "units": (quiz("numerical", "<units><unit><multiplier>1</multiplier></unit></units>"), "数值题的单位"),
    "a fraction beyond": (quiz("multichoice", ANSWER.format(101, "甲", "") + WRONG), "fraction='101'"),
    "no number": (quiz("numerical", ANSWER.format(100, "三", "")), "数值题的答案或容差不是数"),
    "half a statement": (quiz("truefalse", ANSWER.format(100, "true", "")), "判断题要有 true 和 false"),
    "broken base64": (
        quiz("essay", "", head=HEAD.format(files='<file name="a.png" encoding="base64">%%</file>')),
        "文件 'a.png' 的 base64 内容是坏的",
    ),
    "a file that is no picture": (
        quiz("essay", "", head=HEAD.format(files='<file name="a.svg" encoding="base64">PHN2Zz4=</file>')),
        "文件 'a.svg' 不是图片",
    ),
    "markup that is not escaped": (
        quiz("essay", "", head="<questiontext><text>a <b>b</b></text></questiontext>"),
        "<questiontext> 里有没转义的标记",
    ),
    "another root": ("<html/>", "根元素是 <html>"),
    "a question outside": ("<quiz><item/></quiz>", "不认识元素 <item>"),
    "half a file": ('<quiz><question type="essay">', "XML 格式有错"),
    "an unknown entity": (quiz("essay", "", head="<questiontext><text>&nbsp;</text></questiontext>"), "XML 格式有错"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_by_name(case: str) -> None:
    text, message = REFUSED[case]
    reading = read_moodle(text)
    assert reading.items == ()
    assert [one.message.startswith(message) for one in reading.faults] == [True], reading.faults


BOMBS = {
    "entities within entities": '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>',
    "a file of the server": '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/hostname">]><quiz>&x;</quiz>',
    "a document type": '<!DOCTYPE quiz SYSTEM "http://127.0.0.1/x.dtd"><quiz/>',
    "a million levels": "<quiz>" + "<a>" * 590_000,
    "a million elements": "<quiz>" + "<a/>" * 600_001 + "</quiz>",
}


@pytest.mark.parametrize("case", BOMBS)
def test_harms_nobody(case: str) -> None:
    reading = read_moodle(BOMBS[case])
    assert reading.items == ()
    assert len(reading.faults) == 1
