"""Turns what a page sends as an answer into its one stored form, or says why it is none."""

import re
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


def normalise(value: object, type: str, option_keys: tuple[str, ...], *, places: int = 1) -> tuple[str, ...] | Invalid:
    """The answer as it is stored, () for one that is taken back.

    Of choices the chosen option keys, each once and in the author's order; of the other types one text for each of the `places`
    (blanks, prompts, questions of a case), "" where nothing was answered, and ID numbers struck out: no right answer holds one,
    and refusing the save would cost the rest of it. `value` is what JSON gave: a list, one text, true or
    false (for true/false items), or null. Never raises.
    """
    if type == ItemType.TRUE_FALSE and isinstance(value, bool):
        value = TRUE if value else FALSE
    if value is None or value == "":
        return ()
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return Invalid(Fault.NOT_A_CHOICE)
    return _choice(given, type, option_keys) if type in CHOICE_TYPES else _texts(given, type, option_keys, places)


def _choice(chosen: list[str] | tuple[str, ...], type: str, option_keys: tuple[str, ...]) -> tuple[str, ...] | Invalid:
    if not set(chosen) <= set(option_keys):
        return Invalid(Fault.UNKNOWN_OPTION)
    if type != ItemType.MULTIPLE and len(set(chosen)) > 1:
        return Invalid(Fault.ONE_OPTION_ONLY)
    return tuple(key for key in option_keys if key in chosen)


def _texts(
    given: list[str] | tuple[str, ...], type: str, option_keys: tuple[str, ...], places: int
) -> tuple[str, ...] | Invalid:
    if len(given) > places:
        return Invalid(Fault.TOO_MANY)
    if any(len(one) > LONGEST[ItemType(type)] for one in given):
        return Invalid(Fault.TOO_LONG)
    texts = tuple(without_typed_id_numbers(_ODD.sub(" ", one.replace("\r\n", "\n")).strip()) for one in given)
    if type == ItemType.MATCHING and not set(texts) <= {*option_keys, ""}:
        return Invalid(Fault.UNKNOWN_OPTION)
    return (*texts, *[""] * (places - len(texts))) if any(texts) else ()
