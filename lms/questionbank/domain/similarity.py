"""How alike two items are: the share of three-character pieces that their texts have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from lms.questionbank.domain.items import Item, ItemType
from lms.questionbank.domain.marks import plain
from lms.questionbank.domain.numerals import NUMERAL, value_of
from lms.questionbank.domain.plaintext import narrow

_NOT_TEXT = re.compile(r"[\W_]+")
_PIECE = 3
# What two items share without being alike: the title of the law that both name.
_TITLE = re.compile(r"《[^》]*》")
_NUMERAL = re.compile(NUMERAL)


@dataclass(frozen=True)
class Pair:
    """Two items by their positions in the sequence that was compared, and their likeness from 0 to 1."""

    first: int
    second: int
    likeness: float


def bare(text: str) -> str:
    """The letters and digits of a text, without punctuation, spaces and emphasis."""
    return _NOT_TEXT.sub("", plain(text))


def pieces(text: str) -> frozenset[str]:
    """All runs of three characters of what the text says (a shorter text is one piece): titles of laws left out, 十五天 as 15日."""
    content = _TITLE.sub("", narrow(text)).replace("天", "日")
    letters = bare(_NUMERAL.sub(lambda numeral: str(value_of(numeral[0])), content))
    return frozenset(letters[start : start + _PIECE] for start in range(max(1, len(letters) - _PIECE + 1)))


def likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard's index: shared pieces over all pieces."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def near_duplicates(items: Sequence[Item], threshold: float) -> tuple[Pair, ...]:
    """The pairs whose likeness reaches the threshold: of stem with options, or of what they assert (stem with right options)."""
    whole = [pieces(_whole(item)) for item in items]
    asserted = [pieces(_asserted(item)) for item in items]
    pairs = []
    for first, second in combinations(range(len(items)), 2):
        value = max(likeness(whole[first], whole[second]), likeness(asserted[first], asserted[second]))
        if value >= threshold:
            pairs.append(Pair(first, second, value))
    return tuple(pairs)


def _whole(item: Item) -> str:
    return item.stem + _choices(item, right_only=False)


def _asserted(item: Item) -> str:
    return item.stem + _choices(item, right_only=True)


def _choices(item: Item, *, right_only: bool) -> str:
    if item.type is ItemType.TRUE_FALSE:
        return ""
    return "".join(option.text for option in (item.right_options if right_only else item.options))
