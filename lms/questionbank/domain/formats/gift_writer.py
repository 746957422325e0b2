"""Writes GIFT. What GIFT has no sign for stands in the comment before a question, as Moodle's id and tags and as [lms:…]."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from lms.questionbank.domain.exchange import (
    ANYTHING,
    FULL,
    KIND_TITLES,
    NONE,
    TRUE_TEXT,
    Accepted,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    TextFormat,
)
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.formats.markup import looks_like_html
from lms.questionbank.domain.formats.metatags import tags_of
from lms.questionbank.domain.formats.outcome import Fault, NotCarried, Refused

_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "#": "\\#",
        "=": "\\=",
        "~": "\\~",
        "{": "\\{",
        "}": "\\}",
        ":": "\\:",
        "\n": "\\n",
    }
)
_NOTE_ESCAPES = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]", "\n": "\\n"})
_LONGEST_TAG = 50
_TOP = "$course$"


def write_gift(items: Sequence[ExchangeItem]) -> str:
    """The items as GIFT. Raises NotCarried naming those that GIFT cannot say."""
    blocks: list[str] = []
    faults: list[Fault] = []
    category = ""
    for position, item in enumerate(items, start=1):
        try:
            block = _block(item)
        except Refused as refusal:
            faults.append(Fault(item.ref or f"第 {position} 题", f"GIFT {refusal}"))
            continue
        if item.category != category:
            category = item.category
            blocks.append(f"$CATEGORY: {category.translate(_ESCAPES) or _TOP}\n")
        blocks.append(block)
    if faults:
        raise NotCarried(faults)
    return "\n".join(blocks)


def _block(item: ExchangeItem) -> str:
    if item.pictures:
        raise Refused("不能带图片")
    notes = [f"[id:{item.ref.translate(_NOTE_ESCAPES)}]"] if item.ref else []
    for tag in tags_of(item):
        kind = "tag" if len(tag) <= _LONGEST_TAG and not set(tag) & set("<>`\n") else "lms"
        notes.append(f"[{kind}:{tag.translate(_NOTE_ESCAPES)}]")
    comment = f"// {' '.join(notes)}\n" if notes else ""
    title = f"::{item.title.translate(_ESCAPES)}::" if item.title else ""
    general = f"####{_said(item.feedback, item.format)}" if item.feedback else ""
    stem = item.stem.translate(_ESCAPES)
    if item.format is not TextFormat.PLAIN:
        stem = f"[{item.format.value}]{stem}"
    elif stem.startswith(("[", "//")) or any(map(looks_like_html, _texts(item))):
        stem = f"[plain]{stem}"
    return f"{comment}{title}{stem}{{{_answers(item)}{general}}}\n"


def _said(text: str, format: TextFormat = TextFormat.PLAIN) -> str:
    """The text with its signs escaped; one that begins as if it named a format names its own."""
    return (f"[{format.value}]" if text.startswith("[") else "") + text.translate(_ESCAPES)


def _texts(item: ExchangeItem) -> Iterator[str]:
    """All texts that are read in the item's format."""
    yield from (item.stem, item.feedback, *(pair.prompt for pair in item.pairs))
    for choice in item.choices:
        yield from (choice.text, choice.feedback)
    yield from (answer.feedback for blank in item.blanks for answer in blank.answers)


def _weight(fraction: Decimal) -> str:
    return f"%{shown(fraction)}%"


def _feedback(text: str, format: TextFormat) -> str:
    return f"#{_said(text, format)}" if text else ""


def _answers(item: ExchangeItem) -> str:
    match item.kind:
        case Kind.SHORT_ANSWER:
            return ""
        case Kind.TRUE_FALSE:
            return _true_false(item)
        case Kind.SINGLE | Kind.MULTIPLE:
            return "".join(f"\n\t{_choice(item, choice)}" for choice in item.choices) + "\n"
        case Kind.MATCHING:
            return _pairs(item)
        case Kind.FILL_IN:
            return _blank(item)
    raise Refused(f"没有{KIND_TITLES[item.kind]}题")


def _true_false(item: ExchangeItem) -> str:
    when_true, when_false = item.choices
    is_true = next(choice for choice in item.choices if choice.fraction == FULL).text == TRUE_TEXT
    wrong, right = (when_false, when_true) if is_true else (when_true, when_false)
    comments = f"#{_said(wrong.feedback, item.format)}" if wrong.feedback or right.feedback else ""
    return ("T" if is_true else "F") + comments + _feedback(right.feedback, item.format)


def _choice(item: ExchangeItem, choice: Choice) -> str:
    single = item.kind is Kind.SINGLE
    if single and all(one.fraction != FULL for one in item.choices):
        raise Refused("不能表示没有 100% 选项的单选题")
    text = _said(choice.text, item.format)
    # Without a ~ among them the options would be what may be typed.
    some_worse = any(one.fraction != FULL for one in item.choices)
    if single and choice.fraction == FULL and (some_worse or choice is item.choices[0]):
        sign = "=" if not text.startswith("%") else f"={_weight(FULL)}"
    elif choice.fraction == NONE and not text.startswith("%"):
        sign = "~"
    else:
        sign = f"~{_weight(choice.fraction)}"
    return sign + text + _feedback(choice.feedback, item.format)


def _pairs(item: ExchangeItem) -> str:
    if any("->" in pair.prompt for pair in item.pairs):
        raise Refused("的匹配题左边不能有 ->")
    rows = [f"\n\t={_said(pair.prompt, item.format)} -> {pair.answer.translate(_ESCAPES)}" for pair in item.pairs]
    return "".join(rows) + "\n"


def _blank(item: ExchangeItem) -> str:
    if len(item.blanks) != 1:
        raise Refused("的填空题只能有一个空")
    answers = item.blanks[0].answers
    if any(isinstance(answer, Number) for answer in answers):
        return "#" + "".join(f"\n\t{_numeric(item, answer)}" for answer in answers) + "\n"
    rows = []
    for answer in answers:
        assert isinstance(answer, Accepted)  # noqa: S101 - the case above took the numbers
        if "->" in answer.text or "->" in answer.feedback:
            raise Refused("的填空答案里不能有 ->")
        weight = _weight(answer.fraction)
        rows.append(f"\n\t={weight}{_said(answer.text)}{_feedback(answer.feedback, item.format)}")
    return "".join(rows) + "\n"


def _numeric(item: ExchangeItem, answer: Accepted | Number) -> str:
    feedback = _feedback(answer.feedback, item.format)
    if isinstance(answer, Number):
        return f"={_weight(answer.fraction)}{shown(answer.value)}:{shown(answer.tolerance)}{feedback}"
    if answer.text != ANYTHING:
        raise Refused("不能在同一空里既有数值又有文字答案")
    return f"={_weight(answer.fraction)}{ANYTHING}{feedback}"
