"""Finds what may be somebody's mobile or ID number in what programs quote: messages of errors, logs, faults of files.

There a space between digits may stand as \\t or \\u3000, and a digit as \\uff13 or as the bytes of its UTF-8.
"""

import re
import unicodedata
from collections.abc import Callable, Container
from functools import partial

from lms.kernel.numbers import without_id_numbers, without_numbers

_ESCAPED = re.compile(r"(?:\\x[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\U00(?:0[0-9a-f]|10)[0-9a-f]{4}|\\[tnrvf]")
_CONTROLS, _UNSEEN = {"Cc", "Cs"}, {"Cc", "Cs", "Cf", "Zs", "Zl", "Zp"}
_READINGS: tuple[tuple[Container[str], str], ...] = ((), ""), (_CONTROLS, " "), (_UNSEEN, "\ufffd"), (_UNSEEN, " ")
"""Which kinds of signs stand for what: as they are, or for blanks. Each of these readings shows numbers that another one takes for
part of a row."""
_NO_UTF8 = {chr(0xDC00 + byte): " " for byte in range(0x80, 0x100)} | {"\udcd7": "×"}
"""A lone byte is no sign that one could read, but for the × that may end a number in an ASCII form of a text."""


def without_quoted_numbers(text: str) -> str:
    """`without_numbers` for what programs quote."""
    return _without_quoted(text, without_numbers)


def without_quoted_id_numbers(text: str) -> str:
    """`without_id_numbers` for what programs quote."""
    return _without_quoted(text, without_id_numbers)


def _without_quoted(text: str, strike: Callable[[str], str]) -> str:
    if not _ESCAPED.search(text):
        return strike(text)
    for kinds, blank in _READINGS:
        shown = _ESCAPED.sub(partial(_unescaped, kinds, blank), text)
        struck = strike(shown)
        if struck != shown:
            text = "".join(map(_printable, struck))
    return text


def _printable(sign: str) -> str:
    """What would move a cursor or turn a line, and what a database refuses, as a blank."""
    odd = sign == "\ufffd" or (unicodedata.category(sign) in _UNSEEN and sign not in "\n\t ")
    return " " if odd else sign


def _unescaped(kinds: Container[str], blank: str, found: re.Match[str]) -> str:
    """What is quoted as it was, signs of some kinds as a blank."""
    kind, digits = found[0][1], found[0][2:]
    if kind == "x":
        signs = bytes.fromhex(found[0].replace("\\x", "")).decode(errors="surrogateescape")
        shown = "".join(_NO_UTF8.get(sign, sign) for sign in signs)
    else:
        shown = chr(int(digits, 16)) if kind in "uU" else " "
    return "".join(blank if unicodedata.category(sign) in kinds else sign for sign in shown)
