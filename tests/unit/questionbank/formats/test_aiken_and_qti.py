"""Two small formats: Aiken, and simple items of QTI 2.1 and 3.0."""

import pytest

from lms.questionbank.domain.exchange import Kind
from lms.questionbank.domain.formats.aiken import read_aiken
from lms.questionbank.domain.formats.qti import read_qti

AIKEN = "工会是什么？\nA. 群众组织\nB) 机关\nANSWER: A\n"


def test_aiken_is_read() -> None:
    reading = read_aiken(AIKEN + "\n" + AIKEN.replace("ANSWER: A", "ANSWER: B"))
    assert reading.faults == ()
    assert [one.where for one in reading.items] == ["第 1 行", "第 6 行"]
    assert [[choice.fraction for choice in one.item.choices] for one in reading.items] == [[100, 0], [0, 100]]


AIKEN_FAULTS = {
    "no answer": (AIKEN.replace("ANSWER: A\n", ""), "没有 ANSWER: 一行"),
    "a letter that is no option": (AIKEN.replace("ANSWER: A", "ANSWER: C"), "ANSWER: C 不是本题的一个选项"),
    "two letters": (AIKEN.replace("ANSWER: A", "ANSWER: A, B"), "ANSWER: A, B 不是本题的一个选项"),
    "letters out of order": (AIKEN.replace("B)", "C)"), "选项的字母是 AC，按顺序应是 AB"),
    "nothing": ("", "没有找到题目"),
}


@pytest.mark.parametrize("case", AIKEN_FAULTS)
def test_aiken_names(case: str) -> None:
    text, message = AIKEN_FAULTS[case]
    reading = read_aiken(text)
    assert reading.items == ()
    assert [one.message.startswith(message) for one in reading.faults] == [True]


CHOICE = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="C1-1" title="名">
<responseDeclaration identifier="R" cardinality="multiple" baseType="identifier">
<correctResponse><value>a</value><value>c</value></correctResponse></responseDeclaration>
<itemBody><p>题</p><choiceInteraction responseIdentifier="R" shuffle="true"><prompt>选</prompt>
<simpleChoice identifier="a">甲</simpleChoice><simpleChoice identifier="b">乙</simpleChoice>
<simpleChoice identifier="c">丙</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
ENTRY = """<qti-assessment-item identifier="C1-2" title="">
<qti-response-declaration identifier="R" cardinality="single" base-type="string">
<qti-correct-response><qti-value>北京</qti-value></qti-correct-response>
<qti-mapping><qti-map-entry map-key="北京" mapped-value="2"/><qti-map-entry map-key="北平" mapped-value="1"/></qti-mapping>
</qti-response-declaration><qti-item-body><p>首都是<qti-text-entry-interaction response-identifier="R"/>。</p></qti-item-body>
</qti-assessment-item>"""


def test_choices_of_qti_2_1() -> None:
    (read,) = read_qti(CHOICE).items
    assert (read.item.kind, read.item.ref, read.item.stem, read.item.shuffle) == (Kind.MULTIPLE, "C1-1", "题\n选", True)
    assert [(one.text, one.fraction) for one in read.item.choices] == [("甲", 50), ("乙", 0), ("丙", 50)]


def test_typed_answers_of_qti_3_0() -> None:
    (read,) = read_qti(ENTRY).items
    assert read.item.stem == "首都是_____。"
    assert [(one.text, one.fraction) for one in read.item.blanks[0].answers] == [("北京", 100), ("北平", 50)]  # type: ignore[union-attr]


QTI_FAULTS = {
    "another interaction": (CHOICE.replace("choiceInteraction", "orderInteraction"), "不支持交互类型 orderinteraction"),
    "a picture": (CHOICE.replace("甲", "<img src='a.png'/>"), "题目文字里的 <img> 不支持"),
    "no declaration": (
        CHOICE.replace('responseIdentifier="R"', 'responseIdentifier="Q"'),
        "没有 'Q' 的 responseDeclaration",
    ),
    "a test": ("<assessmentTest/>", "根元素 <assessmenttest> 里没有 assessmentItem"),
}


@pytest.mark.parametrize("case", QTI_FAULTS)
def test_qti_names(case: str) -> None:
    text, message = QTI_FAULTS[case]
    reading = read_qti(text)
    assert reading.items == ()
    assert [one.message.startswith(message) for one in reading.faults] == [True]
