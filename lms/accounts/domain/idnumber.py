"""Checks citizens' ID numbers by GB 11643: 17 digits and a check character, a region, a real day of birth."""

import re
import unicodedata
from datetime import date

from lms.kernel.numbers import check_character
from lms.kernel.verdict import Allowed, Denied, Verdict

_REGIONS = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
_RUINED = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+|[0-9]{16,}\.0*")
_EARLIEST = 1900
LENGTH = 18


def normalised(text: str) -> str:
    """The number as it is stored: full-width digits made plain, spaces and dashes dropped, a capital X."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if not c.isspace() and c not in "-\u2010\u2011\u2012\u2013\u2014")


def judge(number: str, *, today: date) -> Verdict:
    """Whether a normalised number can be somebody's.

    Denied with "ruined" (a spreadsheet made 4.4E+17 or lost its last digits), "length", "digits", "region", "date" or
    "check". A number of 18 digits that ends in 000 is called ruined when it fails its check: spreadsheets keep only 15.
    """
    if _RUINED.fullmatch(number):
        return Denied("ruined")
    if len(number) != LENGTH:
        return Denied("length")
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        return Denied("digits")
    if number[:2] not in _REGIONS:
        return Denied("region")
    born = _birthday(number)
    if born is None or not born.year >= _EARLIEST or born > today:
        return Denied("date")
    if check_character(number[:17]) != number[17]:
        return Denied("ruined" if number.endswith("000") else "check")
    return Allowed()


def _birthday(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
