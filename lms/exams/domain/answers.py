"""Turns what a page sends as an answer into its one stored form, or says why it is none."""

from dataclasses import dataclass
from enum import StrEnum

from lms.exams.domain.blueprint import ItemType

TRUE, FALSE = "T", "F"


class Fault(StrEnum):
    """Why a value is no answer to the item."""

    NOT_A_CHOICE = "not_a_choice"
    UNKNOWN_OPTION = "unknown_option"
    ONE_OPTION_ONLY = "one_option_only"


@dataclass(frozen=True, slots=True)
class Invalid:
    """The value is refused; nothing is stored."""

    fault: Fault


def normalise(value: object, type: str, option_keys: tuple[str, ...]) -> tuple[str, ...] | Invalid:
    """The chosen option keys, each once and in the author's order; () for an answer taken back.

    `value` is what JSON gave: a list of keys, one key, true or false (for true/false items), or null. Never raises.
    """
    if type == ItemType.TRUE_FALSE and isinstance(value, bool):
        value = TRUE if value else FALSE
    if value is None or value == "":
        return ()
    chosen = [value] if isinstance(value, str) else value
    if not isinstance(chosen, list | tuple) or not all(isinstance(key, str) for key in chosen):
        return Invalid(Fault.NOT_A_CHOICE)
    if not set(chosen) <= set(option_keys):
        return Invalid(Fault.UNKNOWN_OPTION)
    if type != ItemType.MULTIPLE and len(set(chosen)) > 1:
        return Invalid(Fault.ONE_OPTION_ONLY)
    return tuple(key for key in option_keys if key in chosen)
