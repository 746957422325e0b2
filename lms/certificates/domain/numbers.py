"""Certificate numbers such as 33-2026-SG-000001-0: province, year, kind, serial and an ISO 7064 MOD 37,36 check character."""

import re
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL_WIDTH = 6
MAX_SERIAL = 10**9 - 1

_SHAPE = re.compile(r"(\d{2})-(\d{4})-([A-Z]{2})-(\d{6,9})-([0-9A-Z])", re.ASCII)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2013: 0x2D, 0x2014: 0x2D}


class BadNumber(ValueError):
    """The text is not a certificate number of this platform, or its check character is wrong."""


@dataclass(frozen=True)
class Number:
    """A number taken apart; `str()` puts it together again."""

    province: str
    year: int
    kind: str
    serial: int

    def __str__(self) -> str:
        body = (self.province, f"{self.year:04d}", self.kind, f"{self.serial:0{SERIAL_WIDTH}d}")
        return "-".join((*body, check_character("".join(body))))


def check_character(payload: str) -> str:
    """The ISO 7064 MOD 37,36 check character of digits and capitals. Raises BadNumber for any other character."""
    product = 36
    for character in payload:
        value = ALPHABET.find(character)
        if value < 0:
            raise BadNumber(f"{character!r} has no value in ISO 7064 MOD 37,36")
        product = ((product + value) % 36 or 36) * 2 % 37
    return ALPHABET[(1 - product) % 36]


def next_number(province: str, year: int, kind: str, last: int) -> str:
    """The number after the serial `last` (0 when none was given yet) in the sequence of one province, year and kind.

    `province` is the two-digit GB/T 2260 code, `kind` two capitals. Six digits of serial grow to nine when a sequence outgrows them.
    Raises BadNumber when a part can't stand in a number.
    """
    number = Number(province, year, kind, last + 1)
    text = str(number)
    if last < 0 or last >= MAX_SERIAL or not _SHAPE.fullmatch(text):
        raise BadNumber(f"no number can be made of {province!r}, {year!r}, {kind!r} after {last!r}")
    return text


def parse(text: str) -> Number:
    """Takes apart a number as a person may type it: lower case, full-width characters and spaces are understood.

    Raises BadNumber when the shape or the check character is wrong.
    """
    plain = text.translate(_FULL_WIDTH).upper()
    shaped = _SHAPE.fullmatch("".join(plain.split()))
    if shaped is None:
        raise BadNumber("a certificate number looks like 33-2026-SG-000001-0")
    number = Number(shaped[1], int(shaped[2]), shaped[3], int(shaped[4]))
    if number.serial == 0 or str(number) != shaped[0]:
        raise BadNumber("the check character does not fit the number")
    return number


def named_in(content: bytes) -> frozenset[str]:
    """Every well-formed number that stands as plain ASCII in the bytes of a file, as it does in a PDF's XMP metadata."""
    found = set()
    for shaped in _SHAPE.finditer(content.decode("latin-1")):
        try:
            found.add(str(parse(shaped[0])))
        except BadNumber:
            continue
    return frozenset(found)
