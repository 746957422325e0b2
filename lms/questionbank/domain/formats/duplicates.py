"""Which items of an import say nearly what another one says: the rare pieces of a text lead to the few that are worth comparing."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lms.questionbank.domain.exchange import ExchangeItem, Kind, TextFormat
from lms.questionbank.domain.similarity import likeness, pieces
from lms.questionbank.domain.thresholds import THRESHOLDS

# Bounds that keep the work linear: characters compared, pieces that lead on, items a piece leads to, items compared.
_COMPARED, _LEADING, _LED_TO, _CANDIDATES = 600, 40, 60, 12
_MARKUP = re.compile(r"<[^<>]{0,300}>")


@dataclass(frozen=True)
class Said:
    """What an item says: stem with all options, and stem with the right ones."""

    whole: frozenset[str]
    asserted: frozenset[str]


@dataclass(frozen=True)
class Alike:
    """The item at `position` is like the one at `other`, an earlier one of the same sequence; likeness from 0 to 1."""

    position: int
    other: int
    likeness: float


def said(item: ExchangeItem) -> Said:
    """The pieces of an item's text."""
    stem = item.stem + "".join(child.stem for child in item.children) + "".join(pair.prompt for pair in item.pairs)
    choices = () if item.kind is Kind.TRUE_FALSE else item.choices
    whole = stem + "".join(choice.text for choice in choices)
    asserted = stem + "".join(choice.text for choice in choices if choice.fraction > 0)
    if item.format is TextFormat.HTML:
        whole, asserted = _MARKUP.sub("", whole), _MARKUP.sub("", asserted)
    return Said(pieces(whole[:_COMPARED]), pieces(asserted[:_COMPARED]))


def alike(
    items: Sequence[Said], *, first_new: int = 0, threshold: float = THRESHOLDS.near_duplicate
) -> tuple[Alike, ...]:
    """For each item from `first_new` on, the earlier one that it is most like, if any reaches the threshold."""
    frequency = Counter(piece for item in items for piece in item.whole | item.asserted)
    leads: dict[str, list[int]] = defaultdict(list)
    found = []
    for position, item in enumerate(items):
        shared = [piece for piece in item.whole | item.asserted if frequency[piece] > 1]
        leading = sorted(shared, key=lambda piece: (frequency[piece], piece))[:_LEADING]
        if position >= first_new:
            seen = Counter(other for piece in leading for other in leads[piece])
            values = [(likeness_of(items[other], item), -other) for other, _ in seen.most_common(_CANDIDATES)]
            best, other = max(values, default=(0.0, 0))
            if best >= threshold:
                found.append(Alike(position, -other, best))
        for piece in leading:
            if len(leads[piece]) < _LED_TO:
                leads[piece].append(position)
    return tuple(found)


def likeness_of(first: Said, second: Said) -> float:
    """The larger of the likenesses of all that two items say and of what they assert, 0 to 1."""
    return max(likeness(first.whole, second.whole), likeness(first.asserted, second.asserted))
