"""Reads simple QTI items, 2.1 and 3.0: one choice, text-entry or extended-text interaction; other interactions are refused by name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lms.questionbank.domain.exchange import (
    FULL,
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    even_fractions,
    neat,
    one_line,
    reference_code,
)
from lms.questionbank.domain.formats.amounts import fraction_of, number_of
from lms.questionbank.domain.formats.gift import BLANK_MARK
from lms.questionbank.domain.formats.outcome import Fault, Gathering, Reading, Refused
from lms.questionbank.domain.formats.xmltree import Element, XmlRefused, parse_xml

_CHOICE, _ENTRY, _EXTENDED = "choiceinteraction", "textentryinteraction", "extendedtextinteraction"
_BLOCKS = frozenset({"p", "div", "br", "li", "blockquote", "prompt", "h1", "h2", "h3", "h4"})
_REFUSED = frozenset({"img", "object", "math", "table", "audio", "video", "picture", "svg"})
_LINES = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class _Declared:
    """What a response declaration says: several answers or one, the right ones, what each is worth."""

    several: bool
    numeric: bool
    right: tuple[str, ...]
    worth: Mapping[str, Decimal]
    exact: bool


def read_qti(text: str) -> Reading:
    """The items of a QTI file: the one that it is, or all that stand in it."""
    try:
        root = parse_xml(text)
    except XmlRefused as refusal:
        return Reading(faults=(Fault(refusal.where, refusal.message),))
    gathering = Gathering()
    for number, element in enumerate((one for one in root.iter() if _name(one) == "assessmentitem"), start=1):
        if gathering.full:
            break
        where = f"第 {number} 题 <{_name(element)} identifier={_attribute(element, 'identifier')[:40]!r}>"
        try:
            gathering.add(_item(element), where)
        except Refused as refusal:
            gathering.fault(where, str(refusal))
    if not gathering.items and not gathering.faults:
        gathering.fault("全文", f"根元素 <{_name(root)[:40]}> 里没有 assessmentItem，QTI 1.2 和试卷不支持")
    return gathering.result()


def _name(element: Element) -> str:
    """The element's name, the same in 2.1 (choiceInteraction) and 3.0 (qti-choice-interaction)."""
    return str(element.tag).rpartition("}")[2].lower().removeprefix("qti-").replace("-", "")


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if key.lower().replace("-", "") == name), "")


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if _name(one) == name)


def _item(element: Element) -> ExchangeItem:
    body = next(_all(element, "itembody"), None)
    if body is None:
        raise Refused("没有 itemBody")
    found = [one for one in body.iter() if _name(one).endswith("interaction")]
    names = {_name(one) for one in found}
    for one in found:
        if _name(one) not in {_CHOICE, _ENTRY, _EXTENDED}:
            raise Refused(f"不支持交互类型 {_name(one)[:40]}")
    if len(names) != 1 or (len(found) > 1 and names != {_ENTRY}):
        raise Refused("只支持一道题里有一个选择或简答，或者几个填空")
    declared = {_attribute(one, "identifier"): _declared(one) for one in _all(element, "responsedeclaration")}
    item = ExchangeItem(
        Kind.SHORT_ANSWER,
        _text(body, skipped=frozenset({"simplechoice", "feedbackinline", "rubricblock"})),
        ref=reference_code(_attribute(element, "identifier")),
        title=one_line(_attribute(element, "title")),
        feedback=neat("\n".join(_text(one) for one in _all(element, "modalfeedback"))),
    )
    if names == {_CHOICE}:
        return _choice(item, found[0], _of(declared, found[0]))
    if names == {_ENTRY}:
        return replace(item, kind=Kind.FILL_IN, blanks=tuple(_blank(_of(declared, one)) for one in found))
    return item


def _of(declared: Mapping[str, _Declared], interaction: Element) -> _Declared:
    identifier = _attribute(interaction, "responseidentifier")
    if identifier not in declared:
        raise Refused(f"没有 {identifier[:40]!r} 的 responseDeclaration")
    return declared[identifier]


def _declared(element: Element) -> _Declared:
    worth: dict[str, Decimal] = {}
    exact = True
    for entry in _all(element, "mapentry"):
        value = number_of(_attribute(entry, "mappedvalue"))
        if value is None:
            raise Refused(f"mappedValue 不是数：{_attribute(entry, 'mappedvalue')[:40]!r}")
        worth[one_line(_attribute(entry, "mapkey"))] = value
        exact = exact and _attribute(entry, "casesensitive").lower() != "false"
    right = [one for correct in _all(element, "correctresponse") for one in _all(correct, "value")]
    return _Declared(
        _attribute(element, "cardinality") in {"multiple", "ordered"},
        _attribute(element, "basetype") in {"integer", "float"},
        tuple(one_line(one.text or "") for one in right),
        worth,
        exact,
    )


def _choice(item: ExchangeItem, interaction: Element, declared: _Declared) -> ExchangeItem:
    options = [one for one in interaction.iter() if _name(one) == "simplechoice"]
    keys = [_attribute(one, "identifier") for one in options]
    unknown = [key for key in declared.right if key not in keys]
    if unknown:
        raise Refused(f"正确答案 {unknown[0][:40]!r} 不是选项")
    kind = Kind.MULTIPLE if declared.several else Kind.SINGLE
    fractions: Sequence[Decimal] = even_fractions(kind, tuple(key in declared.right for key in keys))
    if declared.worth:
        fractions = _shares([declared.worth.get(key, FULL - FULL) for key in keys], several=declared.several)
    choices = tuple(
        Choice(
            _text(one, skipped=frozenset({"feedbackinline"})),
            fraction,
            neat("\n".join(_text(said) for said in _all(one, "feedbackinline"))),
        )
        for one, fraction in zip(options, fractions, strict=True)
    )
    return replace(item, kind=kind, choices=choices, shuffle=_attribute(interaction, "shuffle") == "true")


def _shares(worth: Sequence[Decimal], *, several: bool) -> tuple[Decimal, ...]:
    """What each option is worth in per cent of the most that can be had."""
    positive = [value for value in worth if value > 0]
    most = (sum(positive) if several else max(positive)) if positive else FULL
    found = tuple(fraction_of(format(value / most * FULL, ".8f")) for value in worth)
    if any(one is None for one in found):
        raise Refused("选项的分值超出 -100% 到 100%")
    return tuple(one for one in found if one is not None)


def _blank(declared: _Declared) -> Blank:
    texts = [text for text, value in declared.worth.items() if value > 0] or list(declared.right)
    fractions = _shares([declared.worth[text] for text in texts], several=False) if declared.worth else None
    answers: list[Accepted | Number] = []
    for place, text in enumerate(texts):
        number = number_of(text) if declared.numeric else None
        if declared.numeric and number is None:
            raise Refused(f"数值答案 {text[:40]!r} 不是数")
        fraction = fractions[place] if fractions else FULL
        answers.append(Accepted(text, fraction) if number is None else Number(number, fraction=fraction))
    return Blank(tuple(answers), case_sensitive=declared.exact and not declared.numeric)


def _text(element: Element, *, skipped: frozenset[str] = frozenset()) -> str:
    return neat(_LINES.sub("\n", "".join(_pieces(element, skipped))))


def _pieces(element: Element, skipped: frozenset[str]) -> Iterator[str]:
    name = _name(element)
    if name in _REFUSED:
        raise Refused(f"题目文字里的 <{name}> 不支持")
    if name == _ENTRY:
        yield BLANK_MARK
    elif name not in skipped:
        yield re.sub(r"\s+", " ", element.text or "")
        for child in element:
            yield from _pieces(child, skipped)
            yield re.sub(r"\s+", " ", child.tail or "")
    if name in _BLOCKS:
        yield "\n"
