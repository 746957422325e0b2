"""An item as it travels between formats and banks: every type, every weight and every note, in one neutral form."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.questionbank.domain import pictures
from lms.questionbank.domain.plaintext import narrow

FULL = Decimal(100)
NONE = Decimal(0)
ONE_POINT = Decimal(1)
ANYTHING = "*"
"""An accepted text that stands for whatever else is typed; inside a text `*` is any run of characters, `\\*` a star."""

_TITLE_LENGTH = 60
# Control characters, ends of lines and paragraphs; what is no character: surrogates, marks of byte order, reserved codes.
_ODD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\u200b\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
_SPACES = re.compile(r"\s+")
_ROOTS = re.compile(r"^\s*(?:\$[^$/]*\$\s*(?:/|$)\s*)?(?:top\s*(?:/|$))?", re.IGNORECASE)


class Kind(StrEnum):
    """What is asked of the learner; the first three a machine marks from letters, the last two people mark."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    MATCHING = "matching"
    SHORT_ANSWER = "short_answer"
    CASE = "case"


KIND_TITLES = {
    Kind.SINGLE: "单选",
    Kind.MULTIPLE: "多选",
    Kind.TRUE_FALSE: "判断",
    Kind.FILL_IN: "填空",
    Kind.MATCHING: "匹配",
    Kind.SHORT_ANSWER: "简答",
    Kind.CASE: "案例",
}
TRUE_TEXT, FALSE_TEXT = "正确", "错误"


class TextFormat(StrEnum):
    """How stem, options and feedback are to be read; HTML is untrusted and must pass the sanitiser before it is shown."""

    PLAIN = "plain"
    HTML = "html"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class Choice:
    """An option; `fraction` is the per cent of the points that choosing it gives or takes."""

    text: str
    fraction: Decimal
    feedback: str = ""


@dataclass(frozen=True)
class Accepted:
    """A text that is taken as an answer of a blank, always plain."""

    text: str
    fraction: Decimal = FULL
    feedback: str = ""


@dataclass(frozen=True)
class Number:
    """All numbers from value - tolerance to value + tolerance are taken as an answer of a blank."""

    value: Decimal
    tolerance: Decimal = NONE
    fraction: Decimal = FULL
    feedback: str = ""


@dataclass(frozen=True)
class Blank:
    """What is taken in one blank, the first that fits counts."""

    answers: tuple[Accepted | Number, ...]
    case_sensitive: bool = False


@dataclass(frozen=True)
class Pair:
    """What belongs together; without a prompt the answer only distracts. The answer is always plain."""

    prompt: str
    answer: str


@dataclass(frozen=True)
class Picture:
    """A picture that texts of the item show by its name. Its bytes may lie elsewhere: then `data` is empty, `digest` says which."""

    name: str
    data: bytes = field(default=b"", repr=False, compare=False)
    digest: str = ""
    size: tuple[int, int] = field(default=(0, 0), compare=False)  # width and height in pixels

    def __post_init__(self) -> None:
        if self.data and not self.digest:
            found = pictures.seen(self.data)
            object.__setattr__(self, "digest", hashlib.sha256(self.data).hexdigest())
            object.__setattr__(self, "size", (found.width, found.height) if found else (0, 0))


@dataclass(frozen=True)
class ExchangeItem:
    """One question; `reference` is a model answer, `children` are the questions of a case, `situational` marks a small case of work.

    `penalty` is the share of the points that a further try costs, `void_rule` the change of law that ends the item.
    """

    kind: Kind
    stem: str
    format: TextFormat = TextFormat.PLAIN
    ref: str = ""
    title: str = ""
    category: str = ""
    choices: tuple[Choice, ...] = ()
    blanks: tuple[Blank, ...] = ()
    pairs: tuple[Pair, ...] = ()
    reference: str = ""
    children: tuple["ExchangeItem", ...] = ()
    feedback: str = ""
    difficulty: int | None = None
    knowledge_point: str = ""
    source: str = ""
    void_rule: str = ""
    valid_until: date | None = None
    situational: bool = False
    tags: tuple[str, ...] = ()
    points: Decimal = ONE_POINT
    penalty: Decimal | None = None
    shuffle: bool = True
    pictures: tuple[Picture, ...] = ()


def neat(text: str) -> str:
    """The text as every format can carry it: lines end in \\n, other control characters are spaces, the ends are stripped."""
    return _ODD.sub(_even, text.replace("\r\n", "\n")).strip()


def one_line(text: str) -> str:
    """The neat text with every run of spaces and line ends as one space."""
    return _SPACES.sub(" ", neat(text))


def reference_code(text: str) -> str:
    """An item's code: on one line, letters and digits in their ordinary width."""
    return one_line(narrow(one_line(text)))


def category_path(text: str) -> str:
    """A category as names with slashes between, without the marks of a course and of the topmost category."""
    return "/".join(part for part in map(one_line, _ROOTS.sub("", one_line(text)).split("/")) if part)


def default_title(stem: str) -> str:
    """What a question is called when it has no name."""
    return one_line(stem)[:_TITLE_LENGTH].strip()


def true_false(right: bool, *, when_true: str = "", when_false: str = "") -> tuple[Choice, Choice]:
    """The two options of a statement with their feedback."""
    return (
        Choice(TRUE_TEXT, FULL if right else NONE, when_true),
        Choice(FALSE_TEXT, NONE if right else FULL, when_false),
    )


def even_fractions(kind: Kind, right: tuple[bool, ...]) -> tuple[Decimal, ...]:
    """The fractions when nothing else is said: all for the one right option, an equal share for each of several."""
    count = sum(right)
    share = FULL if kind is not Kind.MULTIPLE or not count else (FULL / count).quantize(Decimal("0.00001")).normalize()
    return tuple(share if one else NONE for one in right)


def right_choices(item: ExchangeItem) -> tuple[bool, ...]:
    """Which options are right: of a single choice those that give most, else all that give something."""
    most = max((choice.fraction for choice in item.choices), default=NONE)
    single = item.kind is not Kind.MULTIPLE
    return tuple(choice.fraction > 0 and (choice.fraction == most or not single) for choice in item.choices)


def normal(item: ExchangeItem) -> ExchangeItem:
    """The item without a name that says nothing: the code or the beginning of the stem."""
    if item.title and item.title in (item.ref, default_title(item.stem)):
        return replace(item, title="")
    return item


def _even(match: re.Match[str]) -> str:
    if match[0] in "\r\u2028\u2029":
        return "\n"
    return " " if match[0] < "\xa0" else ""
