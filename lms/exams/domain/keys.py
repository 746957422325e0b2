"""What is right about an item, by its type, and the share of its points that an answer earns: 0, 1 or an exact fraction between."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

NOTHING, EVERYTHING = Fraction(0), Fraction(1)
ANYTHING = "*"
WHOLE = Decimal(100)
_SPACES = re.compile(r"\s+")
_BESIDE_CHINESE = re.compile(r"(?<=[\u3400-\u9fff\u3000-\u303f]) | (?=[\u3400-\u9fff\u3000-\u303f])")
_STARS = re.compile(r"(\\\*|\*)")
_LONGEST_NUMBER = 40


class Partial(StrEnum):
    """What an answer to a multiple choice earns that is neither wholly right nor wholly wrong."""

    ALL_OR_NOTHING = "all_or_nothing"
    PROPORTIONAL = "proportional"
    MINUS_WRONG = "minus_wrong"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A text that a blank takes, for so many per cent; `*` is any run of characters, `\\*` a star."""

    text: str
    per_cent: Decimal = WHOLE


@dataclass(frozen=True, slots=True)
class Number:
    """The numbers that a blank takes: from value - tolerance to value + tolerance."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    per_cent: Decimal = WHOLE


@dataclass(frozen=True, slots=True)
class Blank:
    """What one blank takes; the first that fits counts."""

    answers: tuple[Accepted | Number, ...]
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """The right options. `weights`, in per cent by option key, are an author's own; they count unless all or nothing is asked for."""

    right: tuple[str, ...]
    weights: Mapping[str, Decimal] = field(default_factory=dict)

    def share(self, given: Sequence[str], partial: Partial) -> Fraction:
        """The right options in whatever order earn everything; what less earns says the rule."""
        right, chosen = frozenset(self.right), frozenset(given)
        if chosen == right:
            return EVERYTHING
        if partial is Partial.ALL_OR_NOTHING:
            return NOTHING
        if self.weights:
            hundred = sum((Fraction(self.weights.get(key, Decimal(0))) for key in chosen), NOTHING)
            return _within(hundred / 100)
        wrong = len(chosen - right)
        if partial is Partial.PROPORTIONAL and wrong:
            return NOTHING
        return _within(Fraction(len(chosen & right) - wrong, len(right)))


@dataclass(frozen=True, slots=True)
class Blanks:
    """What each blank takes; every blank is worth the same share."""

    blanks: tuple[Blank, ...]

    def share(self, given: Sequence[str], _partial: Partial) -> Fraction:
        """Of each blank the first answer that fits counts, with its per cent."""
        filled = zip(self.blanks, given, strict=False)
        return sum((_blank(blank, text) for blank, text in filled), NOTHING) / len(self.blanks)


@dataclass(frozen=True, slots=True)
class Matches:
    """The option key that belongs to each prompt; every prompt is worth the same share."""

    keys: tuple[str, ...]

    def share(self, given: Sequence[str], _partial: Partial) -> Fraction:
        """A wrong match costs nothing but its own share."""
        return Fraction(sum(one == key for one, key in zip(given, self.keys, strict=False)), len(self.keys))


@dataclass(frozen=True, slots=True)
class ByHand:
    """People mark it; `reference` is what they measure by."""

    reference: str = ""


Key = Choices | Blanks | Matches | ByHand


def plain(text: str) -> str:
    """A typed answer in the form in which answers are compared.

    Full-width letters, digits and signs become ordinary ones, runs of spaces one space, and beside a Chinese character none.
    """
    narrow = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return _BESIDE_CHINESE.sub("", narrow)


def number(text: str) -> Decimal | None:
    """The number that was typed: digits with one decimal point, a sign, commas between thousands; None when it is none."""
    narrow = plain(text).replace(" ", "").replace("−", "-")
    if len(narrow) > _LONGEST_NUMBER:
        return None
    if "," in narrow:
        if not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", narrow):
            return None
        narrow = narrow.replace(",", "")
    try:
        found = Decimal(narrow)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _LONGEST_NUMBER else None


def _blank(blank: Blank, text: str) -> Fraction:
    if not plain(text):
        return NOTHING
    fits = (answer for answer in blank.answers if _fits(answer, text, blank.case_sensitive))
    first = next(fits, None)
    return _within(Fraction(first.per_cent) / 100) if first is not None else NOTHING


def _fits(answer: Accepted | Number, text: str, exact_case: bool) -> bool:
    if isinstance(answer, Number):
        given = number(text)
        return given is not None and abs(given - answer.value) <= answer.tolerance
    if answer.text == ANYTHING:
        return True
    wanted, typed = plain(answer.text), plain(text)
    if not exact_case:
        wanted, typed = wanted.casefold(), typed.casefold()
    return typed == wanted if "*" not in wanted else _matches(wanted, typed)


def _matches(pattern: str, text: str) -> bool:
    """Whether the pieces between the stars stand in the text in order: linear, whatever was typed."""
    pieces = [""]
    for part in _STARS.split(pattern):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += "*" if part == "\\*" else part
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    start, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, start, end)
        if found < 0:
            return False
        start = found + len(piece)
    return True


def _within(share: Fraction) -> Fraction:
    return min(max(share, NOTHING), EVERYTHING)
