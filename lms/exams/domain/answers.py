"""Turns what a page sends as an answer into its one stored form, or says why it is none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms.exams.domain.blueprint import CHOICE_TYPES, ItemType
from lms.kernel.numbers import without_typed_id_numbers

TRUE, FALSE = "T", "F"
# What no database and no sheet can carry: control characters but for the end of a line, and halves of characters.
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
LONGEST = {ItemType.FILL_IN: 200, ItemType.MATCHING: 10, ItemType.SHORT_ANSWER: 5_000, ItemType.CASE: 5_000}
"""The longest text that one place of an answer takes, in characters."""


class Fault(StrEnum):
    """Why a value is no answer to the item."""

    NOT_A_CHOICE = "not_a_choice"
    UNKNOWN_OPTION = "unknown_option"
    ONE_OPTION_ONLY = "one_option_only"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Invalid:
    """The value is refused; nothing is stored."""

    fault: Fault


def names_on_page(type: str, option_order: Sequence[str]) -> dict[str, str]:
    """What a candidate's page calls each option, by its key: its place in their own order, which says nothing of the author's.

    The keys number the options as the author wrote them; many write the right one first, and the pairs of a matching item in
    the order of their answers. What true and false are called gives nothing away.
    """
    if type == ItemType.TRUE_FALSE:
        return {key: key for key in option_order}
    return {key: f"o{place}" for place, key in enumerate(option_order, start=1)}


def on_page(stored: Sequence[str], type: str, option_order: Sequence[str]) -> tuple[str, ...]:
    """A stored answer, or a key, as the candidate's page tells it: chosen options in the order in which they stand there."""
    if type not in CHOICE_TYPES and type != ItemType.MATCHING:
        return tuple(stored)
    names = names_on_page(type, option_order)
    if type == ItemType.MATCHING:
        return tuple(names.get(one, "") for one in stored)
    return tuple(name for key, name in names.items() if key in stored)


def normalise(value: object, type: str, option_order: Sequence[str], *, places: int = 1) -> tuple[str, ...] | Invalid:
    """The answer as it is stored, () for one that is taken back. `option_order` is that of the candidate's paper.

    Of choices the chosen option keys, each once and in the author's order; of the other types one text for each of the `places`
    (blanks, prompts, questions of a case), "" where nothing was answered, and ID numbers struck out: no right answer holds one,
    and refusing the save would cost the rest of it. `value` is what JSON gave: a list, one text, true or
    false (for true/false items), or null; it names options as the page does. Never raises.
    """
    if type == ItemType.TRUE_FALSE and isinstance(value, bool):
        value = TRUE if value else FALSE
    if value is None or value == "":
        return ()
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return Invalid(Fault.NOT_A_CHOICE)
    keys = {name: key for key, name in names_on_page(type, option_order).items()}
    return _choice(given, type, keys) if type in CHOICE_TYPES else _texts(given, type, keys, places)


def _choice(given: list[str] | tuple[str, ...], type: str, keys: Mapping[str, str]) -> tuple[str, ...] | Invalid:
    if not set(given) <= keys.keys():
        return Invalid(Fault.UNKNOWN_OPTION)
    if type != ItemType.MULTIPLE and len(set(given)) > 1:
        return Invalid(Fault.ONE_OPTION_ONLY)
    return tuple(sorted({keys[name] for name in given}))


def _texts(
    given: list[str] | tuple[str, ...], type: str, keys: Mapping[str, str], places: int
) -> tuple[str, ...] | Invalid:
    if len(given) > places:
        return Invalid(Fault.TOO_MANY)
    if any(len(one) > LONGEST[ItemType(type)] for one in given):
        return Invalid(Fault.TOO_LONG)
    texts = tuple(without_typed_id_numbers(_ODD.sub(" ", one.replace("\r\n", "\n")).strip()) for one in given)
    if type == ItemType.MATCHING:
        if not set(texts) <= {*keys, ""}:
            return Invalid(Fault.UNKNOWN_OPTION)
        texts = tuple(keys.get(one, "") for one in texts)
    return (*texts, *[""] * (places - len(texts))) if any(texts) else ()
