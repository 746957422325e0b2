"""Numbers in files: exact decimals within bounds, so that a range and its middle are the same thing."""

import re
from decimal import Decimal, InvalidOperation

from lms.questionbank.domain.plaintext import narrow

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?")
_FINEST = Decimal("1e-12")
_LARGEST = Decimal("1e12")
_FRACTION_STEP = Decimal("0.00001")


def number_of(text: str) -> Decimal | None:
    """The number that a text is, None when it is none or has more than 12 digits before or after the point."""
    typed = narrow(text.strip()).replace("−", "-")
    if not _NUMBER.fullmatch(typed):
        return None
    value = Decimal(typed)
    if abs(value) >= _LARGEST or value != value.quantize(_FINEST):
        return None
    return value.normalize() + 0


def fraction_of(text: str) -> Decimal | None:
    """A per cent from -100 to 100, to five decimals."""
    value = number_of(text)
    if value is None or abs(value) > 100:
        return None
    try:
        return value.quantize(_FRACTION_STEP).normalize() + 0
    except InvalidOperation:  # pragma: no cover - the bounds above leave room
        return None


def shown(value: Decimal) -> str:
    """The number without an exponent and without trailing noughts."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
