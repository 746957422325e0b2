"""Files as other systems export them, written for this test from the formats' documentation: read whole, written, read the same. T18.

Moodle writes what its documentation of the XML and GIFT formats describes: categories as questions of their own, CDATA, `fraction`
per answer, numerical tolerances, matching with distractors.
"""

from collections.abc import Callable
from fractions import Fraction

import pytest

from lms.questionbank.domain.exchange import Accepted, ExchangeItem, Kind, Number, right_choices
from lms.questionbank.domain.formats.gift import read_gift
from lms.questionbank.domain.formats.gift_writer import write_gift
from lms.questionbank.domain.formats.moodle import read_moodle
from lms.questionbank.domain.formats.moodle_writer import write_moodle

MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
  <question type="category"><category><text>$course$/top/工会基础/组织</text></category></question>
  <question type="multichoice">
    <name><text>基层委员会</text></name>
    <questiontext format="html"><text><![CDATA[<p>基层工会委员会由谁<b>选举</b>产生？</p>]]></text></questiontext>
    <generalfeedback format="html"><text><![CDATA[<p>由会员大会或者会员代表大会民主选举产生。</p>]]></text></generalfeedback>
    <defaultgrade>2.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden><idnumber>ZZ-001</idnumber>
    <single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>
    <answer fraction="100" format="html"><text>会员大会</text><feedback format="html"><text>对</text></feedback></answer>
    <answer fraction="0" format="html"><text>企业行政</text><feedback format="html"><text></text></feedback></answer>
  </question>
  <question type="multichoice">
    <name><text>职工代表大会</text></name>
    <questiontext format="plain_text"><text>下列哪些属于职工代表大会的职权？</text></questiontext>
    <defaultgrade>1.0000000</defaultgrade><single>false</single><shuffleanswers>false</shuffleanswers>
    <answer fraction="50"><text>审议</text></answer>
    <answer fraction="50"><text>监督</text></answer>
    <answer fraction="-50"><text>任命厂长</text></answer>
  </question>
  <question type="truefalse">
    <name><text>自愿</text></name><questiontext format="plain_text"><text>加入工会应当自愿。</text></questiontext>
    <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>
  </question>
  <question type="shortanswer">
    <name><text>简称</text></name><questiontext format="plain_text"><text>全国总工会的简称是？</text></questiontext><usecase>1</usecase>
    <answer fraction="100"><text>全总</text></answer><answer fraction="50"><text>总工会</text></answer>
  </question>
  <question type="numerical">
    <name><text>人数</text></name><questiontext format="plain_text"><text>会员达到多少人应当建立基层工会委员会？</text></questiontext>
    <answer fraction="100"><text>25</text><tolerance>0.5</tolerance></answer>
  </question>
  <question type="matching">
    <name><text>配对</text></name><questiontext format="plain_text"><text>把机构和职责配对。</text></questiontext>
    <shuffleanswers>true</shuffleanswers>
    <subquestion format="plain_text"><text>工会委员会</text><answer><text>日常工作</text></answer></subquestion>
    <subquestion format="plain_text"><text>会员大会</text><answer><text>选举</text></answer></subquestion>
    <subquestion format="plain_text"><text></text><answer><text>行政管理</text></answer></subquestion>
  </question>
  <question type="essay">
    <name><text>论述</text></name><questiontext format="plain_text"><text>谈谈集体协商的意义。</text></questiontext>
    <graderinfo format="plain_text"><text>三点以上。</text></graderinfo>
  </question>
</quiz>
"""
GIFT = r"""// 注释
$CATEGORY: $course$/top/工会基础/组织

::基层委员会::[html]基层工会委员会由谁选举产生？{
  =会员大会#对
  ~企业行政
  ####由会员大会民主选举产生。
}

::职权::下列哪些属于职权\: 选两项{~%50%审议 ~%50%监督 ~%-50%任命厂长}

::自愿::加入工会应当自愿。{TRUE#强迫就错了#对}

::简称::全国总工会的简称是？{=全总 =%50%总工会}

::人数::多少人应当建立？{#25:0.5}

::区间::比例在什么范围？{#1..5}

::配对::把机构和职责配对。{=工会委员会 -> 日常工作 =会员大会 -> 选举}

劳动合同应当以{=书面 ~口头}形式订立。

::论述::谈谈集体协商的意义。{}
"""
FORMATS: dict[str, tuple[str, Callable, Callable]] = {
    "moodle-xml": (MOODLE, read_moodle, write_moodle),
    "gift": (GIFT, read_gift, write_gift),
}
KINDS = {
    "moodle-xml": "single multiple true_false fill_in fill_in matching short_answer",
    "gift": "single multiple true_false fill_in fill_in fill_in matching single short_answer",
}


def items(text: str, read: Callable) -> list[ExchangeItem]:
    reading = read(text)
    assert not reading.faults, reading.faults
    return [one.item for one in reading.items]


@pytest.mark.parametrize("name", FORMATS)
def test_every_question_is_read_as_what_it_is(name: str) -> None:
    text, read, _write = FORMATS[name]
    assert [item.kind.value for item in items(text, read)] == KINDS[name].split()


@pytest.mark.parametrize("name", FORMATS)
def test_written_and_read_again_it_is_the_same(name: str) -> None:
    text, read, write = FORMATS[name]
    first = items(text, read)
    assert items(write(first), read) == first


@pytest.mark.parametrize("name", FORMATS)
def test_keys_weights_and_tolerances_are_those_of_the_file(name: str) -> None:
    text, read, _write = FORMATS[name]
    found = items(text, read)
    single, several = found[0], found[1]
    assert right_choices(single) == (True, False)
    assert [Fraction(choice.fraction) for choice in several.choices] == [50, 50, -50]
    accepted = [one for item in found if item.kind is Kind.FILL_IN for blank in item.blanks for one in blank.answers]
    texts = [(one.text, one.fraction) for one in accepted if isinstance(one, Accepted)]
    numbers = [(one.value, one.tolerance) for one in accepted if isinstance(one, Number)]
    assert texts == [("全总", 100), ("总工会", 50)]
    assert numbers[0] == (25, Fraction(1, 2)) and numbers[1:] == ([(3, 2)] if name == "gift" else [])
    pairs = next(item for item in found if item.kind is Kind.MATCHING).pairs
    assert [(one.prompt, one.answer) for one in pairs][:2] == [("工会委员会", "日常工作"), ("会员大会", "选举")]


@pytest.mark.parametrize(
    ("read", "text", "named"),
    [
        (read_moodle, MOODLE.replace('type="essay"', 'type="cloze"'), "cloze"),
        (read_moodle, MOODLE.replace('type="essay"', 'type="calculated"'), "calculated"),
        (read_gift, "::说明::这里只有一段说明。\n", ""),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name_and_place(read: Callable, text: str, named: str) -> None:
    faults = read(text).faults
    assert len(faults) == 1 and faults[0].where and named in faults[0].message
