"""Which passwords are good enough (requirement 62)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lms.kernel.verdict import Allowed, Denied, Verdict

MAXIMUM_LENGTH = 128
LEFT_OVER = 6
"""So many characters have to be left when everything guessable is taken out."""
_DIGITS_IN_A_ROW = 6  # of a mobile or ID number; six are a birthday
_RUN = 4
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "!@#$%^&*()",
)
_ROWS_BOTH_WAYS = _ROWS + tuple(row[::-1] for row in _ROWS)
_REPEATED = re.compile(r"(.{1,4}?)\1{2,}", re.DOTALL)
_LOOKS_LIKE = str.maketrans({"@": "a", "0": "o", "$": "s", "1": "i", "3": "e"})


@dataclass(frozen=True)
class Personal:
    """What others know of a person: `words` are names and user names, `numbers` the digits of mobile and ID number."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


NOTHING_KNOWN = Personal()


def judge(password: str, *, minimum_length: int, personal: Personal = NOTHING_KNOWN) -> Verdict:
    """Denied("short" | "long" | "classes" | "common" | "personal")."""
    if len(password) < minimum_length:
        return Denied("short")
    if len(password) > MAXIMUM_LENGTH:
        return Denied("long")
    if _classes(password) < 3:
        return Denied("classes")
    if _is_personal(password.lower(), personal):
        return Denied("personal")
    if _left_over(password.lower()) < LEFT_OVER:
        return Denied("common")
    return Allowed()


def _classes(password: str) -> int:
    return sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )


def _is_personal(lowered: str, personal: Personal) -> bool:
    words = (word.lower() for word in personal.words)
    if any(len(word) >= 3 and word in lowered for word in words):
        return True
    if any(len(word) == 2 and not word.isascii() and word in lowered for word in personal.words):
        return True  # 张三
    return any(part in lowered for number in personal.numbers for part in _windows(number))


def _windows(number: str) -> Iterable[str]:
    return (number[at : at + _DIGITS_IN_A_ROW] for at in range(len(number) - _DIGITS_IN_A_ROW + 1))


def _left_over(lowered: str) -> int:
    """How many characters remain once well-known words, keyboard walks, counting and repetitions are taken out."""
    masked = list(lowered)
    for start, end in (*_words(lowered), *_walks(lowered), *_repetitions(lowered), *_years(lowered)):
        masked[start:end] = "\0" * (end - start)
    return sum(c != "\0" for c in masked)


def _words(lowered: str) -> Iterable[tuple[int, int]]:
    for text in (lowered, lowered.translate(_LOOKS_LIKE)):
        for word in common():
            at = text.find(word)
            while at >= 0:
                yield at, at + len(word)
                at = text.find(word, at + 1)


def _walks(lowered: str) -> Iterable[tuple[int, int]]:
    for at in range(len(lowered) - _RUN + 1):
        if any(lowered[at : at + _RUN] in row for row in _ROWS_BOTH_WAYS):
            yield at, at + _RUN


def _repetitions(lowered: str) -> Iterable[tuple[int, int]]:
    """All but the first of a part that comes three times or more."""
    return ((found.end(1), found.end()) for found in _REPEATED.finditer(lowered))


def _years(lowered: str) -> Iterable[tuple[int, int]]:
    return (found.span() for found in re.finditer(r"(?:19|20)\d\d", lowered))


@cache
def common() -> frozenset[str]:
    """The well-known words, in lower case."""
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
