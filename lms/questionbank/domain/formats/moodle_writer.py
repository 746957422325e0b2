"""Writes Moodle XML; notes that Moodle has no element for are its tags."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from lms.questionbank.domain import marks
from lms.questionbank.domain.exchange import (
    ANYTHING,
    KIND_TITLES,
    TRUE_TEXT,
    Accepted,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    TextFormat,
    default_title,
)
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.formats.metatags import tags_of
from lms.questionbank.domain.formats.moodle_words import FORMAT_NAMES, NUMERICAL, TYPE_OF
from lms.questionbank.domain.formats.outcome import Fault, NotCarried, Refused

_SHUFFLED = (Kind.SINGLE, Kind.MULTIPLE, Kind.MATCHING)


def write_moodle(items: Sequence[ExchangeItem]) -> str:
    """The items as Moodle XML. Raises NotCarried naming those that it cannot say."""
    rows = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    faults: list[Fault] = []
    category = ""
    for position, item in enumerate(items, start=1):
        try:
            lines = list(_question(item))
        except Refused as refusal:
            faults.append(Fault(item.ref or f"第 {position} 题", f"Moodle XML {refusal}"))
            continue
        if item.category != category:
            category = item.category
            path = f"$course$/top/{category}" if category else "$course$/top"
            rows.append(f'<question type="category"><category><text>{escape(path)}</text></category></question>')
        rows += lines
    if faults:
        raise NotCarried(faults)
    return "\n".join([*rows, "</quiz>", ""])


def _question(item: ExchangeItem) -> Iterator[str]:
    if item.kind is Kind.CASE:
        raise Refused(f"没有{KIND_TITLES[item.kind]}题")
    numeric = any(isinstance(answer, Number) for blank in item.blanks for answer in blank.answers)
    yield f"<question type={quoteattr(NUMERICAL if numeric else TYPE_OF[item.kind])}>"
    yield f"<name>{_text(item.title or item.ref or default_title(item.stem))}</name>"
    item = _with_files(item)
    pictures = "".join(
        f'<file name={quoteattr(picture.name)} path="/" encoding="base64">{base64.b64encode(picture.data).decode()}</file>'
        for picture in item.pictures
    )
    yield f"<questiontext {_format(item.format)}>{_text(item.stem)}{pictures}</questiontext>"
    yield f"<generalfeedback {_format(item.format)}>{_text(item.feedback)}</generalfeedback>"
    yield f"<defaultgrade>{shown(item.points)}</defaultgrade>"
    if item.penalty is not None:
        yield f"<penalty>{shown(item.penalty)}</penalty>"
    if item.ref:
        yield f"<idnumber>{escape(item.ref)}</idnumber>"
    tags = "".join(f"<tag>{_text(tag)}</tag>" for tag in tags_of(item, without=_own_elements(item, numeric=numeric)))
    yield from _answers(item)
    if tags:
        yield f"<tags>{tags}</tags>"
    yield "</question>"


def _with_files(item: ExchangeItem) -> ExchangeItem:
    """The item with its pictures named as Moodle finds them; HTML has them so."""
    names = {picture.name for picture in item.pictures}
    if not names or item.format is TextFormat.HTML:
        return item

    def text(said: str) -> str:
        return marks.renamed(said, lambda name: marks.OWN_FILES + name if marks.name_in(name) in names else None)

    return replace(
        item,
        stem=text(item.stem),
        feedback=text(item.feedback),
        reference=text(item.reference),
        choices=tuple(replace(one, text=text(one.text), feedback=text(one.feedback)) for one in item.choices),
        pairs=tuple(replace(one, prompt=text(one.prompt)) for one in item.pairs),
        blanks=tuple(
            replace(blank, answers=tuple(replace(one, feedback=text(one.feedback)) for one in blank.answers))
            for blank in item.blanks
        ),
    )


def _own_elements(item: ExchangeItem, *, numeric: bool) -> set[str]:
    """The notes that Moodle has elements for, in a question of this type."""
    own = {"分值", "罚分"}
    own |= {"不打乱选项"} if item.kind in _SHUFFLED else set()
    own |= {"参考答案"} if item.kind is Kind.SHORT_ANSWER else set()
    return own | ({"区分大小写"} if item.kind is Kind.FILL_IN and not numeric else set())


def _answers(item: ExchangeItem) -> Iterator[str]:
    if item.kind in _SHUFFLED:
        yield f"<shuffleanswers>{'true' if item.shuffle else 'false'}</shuffleanswers>"
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            yield f"<single>{'true' if item.kind is Kind.SINGLE else 'false'}</single>"
            yield from (_choice(choice, choice.text, item.format) for choice in item.choices)
        case Kind.TRUE_FALSE:
            for choice in item.choices:
                yield _choice(choice, "true" if choice.text == TRUE_TEXT else "false", item.format)
        case Kind.MATCHING:
            for pair in item.pairs:
                yield (
                    f"<subquestion {_format(item.format)}>{_text(pair.prompt)}"
                    f"<answer>{_text(pair.answer)}</answer></subquestion>"
                )
        case Kind.SHORT_ANSWER:
            yield f"<graderinfo {_format(item.format)}>{_text(item.reference)}</graderinfo>"
        case Kind.FILL_IN:
            yield from _blank(item)


def _choice(choice: Choice, text: str, format: TextFormat) -> str:
    return (
        f'<answer fraction="{shown(choice.fraction)}" {_format(format)}>{_text(text)}'
        f"{_feedback(choice.feedback, format)}</answer>"
    )


def _blank(item: ExchangeItem) -> Iterator[str]:
    if len(item.blanks) != 1:
        raise Refused("的填空题只能有一个空")
    blank = item.blanks[0]
    numeric = any(isinstance(answer, Number) for answer in blank.answers)
    if not numeric:
        yield f"<usecase>{int(blank.case_sensitive)}</usecase>"
    for answer in blank.answers:
        if isinstance(answer, Number):
            inner = f"{_text(shown(answer.value))}<tolerance>{shown(answer.tolerance)}</tolerance>"
        elif numeric and answer.text != ANYTHING:
            raise Refused("不能在同一空里既有数值又有文字答案")
        else:
            inner = _text(answer.text)
        yield _accepted(answer, inner, item.format)


def _accepted(answer: Accepted | Number, inner: str, format: TextFormat) -> str:
    feedback = _feedback(answer.feedback, format)
    return f'<answer fraction="{shown(answer.fraction)}" format="plain_text">{inner}{feedback}</answer>'


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"


def _format(format: TextFormat) -> str:
    return f"format={quoteattr(FORMAT_NAMES[format])}"


def _feedback(text: str, format: TextFormat) -> str:
    return f"<feedback {_format(format)}>{_text(text)}</feedback>" if text else ""
