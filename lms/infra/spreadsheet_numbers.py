"""Numbers of spreadsheets as the text that people typed: days, times, leading zeros. Standard library only."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - spreadsheets know no time zones

_LEAP_DAY_THAT_NEVER_WAS = 60  # spreadsheets count 29 February 1900
_MOST_DAYS = 2_958_466  # 1 January 10000
_DIGITS_KEPT = 15
_LEAST_EXPONENT = -30
_DAYS = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
_ELAPSED = 46
_NOT_OF_THE_DAY = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|general|E[+-]', re.IGNORECASE)


class Unreadable(Exception):
    """The number cannot be taken as it is; the argument is the code of the reason."""


def kind_of_format(number: str, code: str) -> str:
    """What a number format makes of numbers: "day", "elapsed" time, a row of zeros (as many digits at least), or nothing of note."""
    if not code:
        builtin = int(number) if re.fullmatch("[0-9]{1,5}", number) else 0
        return "elapsed" if builtin == _ELAPSED else "day" if builtin in _DAYS else ""
    if re.fullmatch("0{2,15}", code):
        return code
    first = code[:255].split(";")[0]
    if re.search(r"\[(h+|m+|s+)\]", first, re.IGNORECASE):
        return "elapsed"
    return "day" if re.search("[ymdhs]", _NOT_OF_THE_DAY.sub("", first), re.IGNORECASE) else ""


def shown(raw: str, kind: str, epoch: datetime) -> str:
    """The text of a number as it stands in the file; raises Unreadable, with "digits_lost" for one of more than 15 digits."""
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise Unreadable("unreadable") from None
    if not number.is_finite():
        raise Unreadable("unreadable")
    if number.adjusted() >= _DIGITS_KEPT:
        raise Unreadable("digits_lost")
    if number.adjusted() < _LEAST_EXPONENT or not number:
        number = Decimal(0)
    if kind == "day" and 0 <= number < _MOST_DAYS - (0 if epoch == EPOCH_1900 else 1_462):
        return _moment(number, epoch)
    if kind == "elapsed" and number >= 0:
        minutes, seconds = divmod(round(number * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    text = f"{Decimal(f'{number:.{_DIGITS_KEPT}g}'):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.zfill(len(kind)) if kind.startswith("0") and text.isdecimal() else text


def _moment(number: Decimal, epoch: datetime) -> str:
    """A day as 2026-01-31, with the time of day when there is one; a time alone as 08:30:00."""
    days, seconds = divmod(round(number * 86_400), 86_400)
    early = epoch == EPOCH_1900 and days < _LEAP_DAY_THAT_NEVER_WAS
    at = epoch + timedelta(days=days + early, seconds=seconds)
    if number < 1 and not days:
        return str(at.time())
    return str(at) if seconds else str(at.date())
