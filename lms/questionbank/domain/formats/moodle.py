"""Reads Moodle XML: no entities, no document type, bounded; each <question> by its type, others refused by name."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from lms.questionbank.domain import marks, pictures
from lms.questionbank.domain.exchange import (
    ANYTHING,
    FULL,
    NONE,
    ONE_POINT,
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    Pair,
    Picture,
    TextFormat,
    category_path,
    neat,
    one_line,
    reference_code,
    true_false,
)
from lms.questionbank.domain.formats.amounts import fraction_of, number_of
from lms.questionbank.domain.formats.markup import as_format, common_format, looks_like_html
from lms.questionbank.domain.formats.metatags import with_tags
from lms.questionbank.domain.formats.moodle_words import (
    AUTO_FORMATS,
    FORMATS,
    NUMERICAL,
    TRUE_WORDS,
    UNSUPPORTED,
)
from lms.questionbank.domain.formats.outcome import Fault, Gathering, Reading, Refused
from lms.questionbank.domain.formats.soundness import BOUNDS
from lms.questionbank.domain.formats.xmltree import Element, XmlRefused, parse_xml

_FORMATTED = ("questiontext", "generalfeedback", "answer", "subquestion", "feedback", "graderinfo")
_PLAIN_ANSWERS = frozenset({"shortanswer", NUMERICAL, "truefalse"})
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")


def read_moodle(text: str) -> Reading:
    """The questions of a Moodle XML file."""
    try:
        root = parse_xml(text)
    except XmlRefused as refusal:
        return Reading(faults=(Fault(refusal.where, refusal.message),))
    if root.tag != "quiz":
        return Reading(faults=(Fault("全文", f"根元素是 <{root.tag[:40]}>，Moodle XML 的应是 <quiz>"),))
    gathering = Gathering()
    category, number = "", 0
    for element in root:
        if gathering.full:
            break
        if element.tag != "question":
            gathering.fault("全文", f"不认识元素 <{element.tag[:40]}>")
            continue
        type_name = element.get("type", "")
        if type_name == "category":
            category = category_path(element.findtext("category/text") or "")
            continue
        number += 1
        where = f"第 {number} 题 <question type={type_name[:40]!r}>"
        try:
            item, warnings = _Question(element, type_name).read()
        except Refused as refusal:
            gathering.fault(where, str(refusal))
            continue
        gathering.add(replace(item, category=category), where, warnings)
    return gathering.result()


class _Question:
    """One <question>: its texts are brought into one format first, then its parts are read by type."""

    def __init__(self, element: Element, type_name: str) -> None:
        self.element = element
        self.type = type_name
        self.format = common_format(format for _, format in self._formats())
        self.files = {one_line(file.get("name", ""))[:100] for file in element.iter("file")}

    def read(self) -> tuple[ExchangeItem, tuple[str, ...]]:
        """The item and what was left aside. Raises Refused."""
        kinds = {
            "multichoice": self._choice,
            "truefalse": self._true_false,
            "shortanswer": self._words,
            NUMERICAL: self._numbers,
            "matching": self._matching,
            "essay": self._essay,
        }
        if self.type not in kinds:
            name = UNSUPPORTED.get(self.type)
            raise Refused(f"不支持题型 {self.type[:40]!r}" + (f"（{name}）" if name else ""))
        item = ExchangeItem(
            Kind.SHORT_ANSWER,
            self._text(self.element.find("questiontext")),
            self.format,
            ref=reference_code(self.element.findtext("idnumber") or ""),
            title=one_line(_inner(self.element.find("name"))),
            feedback=self._text(self.element.find("generalfeedback")),
            points=self._number("defaultgrade") or self._zero_points(),
            penalty=self._number("penalty"),
            pictures=tuple(self._pictures()),
        )
        item = kinds[self.type](item)
        return with_tags(item, [_inner(tag) for tag in self.element.iterfind("tags/tag")]), tuple(
            self._left_aside(item)
        )

    def _formats(self) -> Iterator[tuple[Element, TextFormat]]:
        for element in self.element.iter():
            if element.tag in _FORMATTED and _inner(element):
                if element.tag == "answer" and (self.type in _PLAIN_ANSWERS or element.get("format") is None):
                    continue
                yield element, _format_of(element)

    def _text(self, element: "Element | None") -> str:
        if element is None:
            return ""
        text = as_format(neat(_inner(element)), _format_of(element), self.format)
        return text if self.format is TextFormat.HTML else marks.renamed(text, self._own_name)

    def _own_name(self, written: str) -> str | None:
        """The bare name of a picture that comes with the question."""
        bare = written.removeprefix(marks.OWN_FILES)
        return bare if bare != written and marks.name_in(bare) in self.files else None

    def _number(self, tag: str) -> Decimal | None:
        typed = (self.element.findtext(tag) or "").strip()
        value = number_of(typed) if typed else None
        if typed and value is None:
            raise Refused(f"<{tag}> 不是数：{typed[:40]!r}")
        return value

    def _zero_points(self) -> Decimal:
        return NONE if (self.element.findtext("defaultgrade") or "").strip() else ONE_POINT

    def _flag(self, tag: str, otherwise: bool) -> bool:
        typed = (self.element.findtext(tag) or "").strip().lower()
        return typed in TRUE_WORDS if typed else otherwise

    def _choice(self, item: ExchangeItem) -> ExchangeItem:
        choices = tuple(
            Choice(self._text(answer), _fraction(answer), self._text(answer.find("feedback")))
            for answer in self.element.iterfind("answer")
        )
        kind = Kind.SINGLE if self._flag("single", True) else Kind.MULTIPLE
        return replace(item, kind=kind, choices=choices, shuffle=self._flag("shuffleanswers", True))

    def _true_false(self, item: ExchangeItem) -> ExchangeItem:
        verdicts: dict[str, tuple[Decimal, str]] = {}
        for answer in self.element.iterfind("answer"):
            word = neat(_inner(answer)).lower()
            if word not in {"true", "false"} or word in verdicts:
                raise Refused(f"判断题的答案应是 true 和 false 各一个，写的是 {word[:40]!r}")
            verdicts[word] = _fraction(answer), self._text(answer.find("feedback"))
        if set(verdicts) != {"true", "false"} or {verdicts["true"][0], verdicts["false"][0]} != {FULL, NONE}:
            raise Refused("判断题要有 true 和 false 两个答案，一个 100，一个 0")
        choices = true_false(
            verdicts["true"][0] == FULL, when_true=verdicts["true"][1], when_false=verdicts["false"][1]
        )
        return replace(item, kind=Kind.TRUE_FALSE, choices=choices)

    def _words(self, item: ExchangeItem) -> ExchangeItem:
        answers = tuple(
            Accepted(one_line(_inner(answer)), _fraction(answer), self._text(answer.find("feedback")))
            for answer in self.element.iterfind("answer")
        )
        blank = Blank(answers, case_sensitive=self._flag("usecase", False))
        return replace(item, kind=Kind.FILL_IN, blanks=(blank,))

    def _numbers(self, item: ExchangeItem) -> ExchangeItem:
        if self.element.find("units/unit") is not None:
            raise Refused("数值题的单位（units）不支持")
        answers: list[Accepted | Number] = []
        for answer in self.element.iterfind("answer"):
            fraction, feedback = _fraction(answer), self._text(answer.find("feedback"))
            typed = neat(_inner(answer))
            value, margin = number_of(typed), number_of((answer.findtext("tolerance") or "").strip() or "0")
            if typed == ANYTHING:
                answers.append(Accepted(ANYTHING, fraction, feedback))
            elif value is None or margin is None or margin < 0:
                raise Refused(f"数值题的答案或容差不是数：{typed[:40]!r}")
            else:
                answers.append(Number(value, margin, fraction, feedback))
        return replace(item, kind=Kind.FILL_IN, blanks=(Blank(tuple(answers)),))

    def _matching(self, item: ExchangeItem) -> ExchangeItem:
        pairs = tuple(
            Pair(self._text(element), one_line(_inner(element.find("answer"))))
            for element in self.element.iterfind("subquestion")
        )
        return replace(item, kind=Kind.MATCHING, pairs=pairs, shuffle=self._flag("shuffleanswers", True))

    def _essay(self, item: ExchangeItem) -> ExchangeItem:
        return replace(item, reference=self._text(self.element.find("graderinfo")))

    def _pictures(self) -> Iterator[Picture]:
        seen: dict[str, bytes] = {}
        for file in self.element.iter("file"):
            name = one_line(file.get("name", ""))[:100]
            data = _file_bytes(file, name)
            if seen.setdefault(name, data) != data:
                raise Refused(f"有两个不同的文件都叫 {name!r}")
        yield from (Picture(name, data) for name, data in seen.items())

    def _left_aside(self, item: ExchangeItem) -> Iterator[str]:
        if any(_inner(self.element.find(tag)) for tag in _COMBINED):
            yield "全对、部分对、全错时的统一反馈没有导入"
        if any(_inner(hint) for hint in self.element.iterfind("hint")):
            yield "多次作答的提示（hint）没有导入"
        if _inner(self.element.find("responsetemplate")):
            yield "答题模板（responsetemplate）没有导入"
        if (self.element.findtext("attachmentsrequired") or "0").strip() not in {"", "0"}:
            yield "要求上传附件的设置没有导入"


def _inner(element: "Element | None") -> str:
    """What an element's <text> holds, or the element itself when it has none (old files)."""
    if element is None:
        return ""
    text = element.find("text")
    holder = element if text is None else text
    if any(child.tag not in {"text", "feedback", "file", "tolerance", "answer"} for child in holder):
        raise Refused(f"<{element.tag[:40]}> 里有没转义的标记，应放在 CDATA 里")
    return holder.text or ""


def _format_of(element: Element) -> TextFormat:
    name = (element.get("format") or "").strip().lower()
    if name in AUTO_FORMATS:
        return TextFormat.HTML if looks_like_html(_inner(element)) else TextFormat.PLAIN
    if name not in FORMATS:
        raise Refused(f"不认识文本格式 {name[:40]!r}")
    return FORMATS[name]


def _fraction(answer: Element) -> Decimal:
    typed = answer.get("fraction", "0")
    fraction = fraction_of(typed)
    if fraction is None:
        raise Refused(f"fraction={typed[:40]!r} 不在 -100 到 100 之间")
    return fraction


def _file_bytes(file: Element, name: str) -> bytes:
    if file.get("encoding") != "base64":
        raise Refused(f"文件 {name!r} 的编码不是 base64")
    try:
        data = base64.b64decode("".join((file.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"文件 {name!r} 的 base64 内容是坏的") from None
    if len(data) > BOUNDS.picture_bytes:
        raise Refused(f"文件 {name!r} 超过 {BOUNDS.picture_bytes // 1_000_000} MB")
    found = pictures.seen(data) if name else None
    if found is None:
        raise Refused(f"文件 {name!r} 不是图片、已损坏或尺寸过大，只支持 PNG、JPEG、GIF 和 WebP")
    return found.content
