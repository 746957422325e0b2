"""Shows as much of a personal value as recognising it needs, and no more."""

from collections.abc import Callable

MASK = "*"
_ID_FIRST, _ID_LAST = 3, 2  # the most that requirement 75 allows


def hide_name(value: str) -> str:
    """The first character, the others as stars: 张三 is 张*."""
    return value[:1] + MASK * min(len(value) - 1, 3)


def hide_mobile(value: str) -> str:
    """The first three and the last four digits: 138****1234."""
    return f"{value[:3]}{MASK * 4}{value[-4:]}" if len(value) >= 11 else MASK * len(value)


def hide_mail(value: str) -> str:
    """The first character and the domain: w***@example.org."""
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}{MASK * 3}@{domain}" if at and local else MASK * 3


def hide_id_number(value: str) -> str:
    """The first three and the last two characters, the others as stars."""
    if len(value) <= _ID_FIRST + _ID_LAST:
        return MASK * len(value)
    return value[:_ID_FIRST] + MASK * (len(value) - _ID_FIRST - _ID_LAST) + value[-_ID_LAST:]


def hide_address(value: str) -> str:
    """The network part of an address: 10.2.*.* or 2001:db8:*."""
    if ":" in value:
        return ":".join(value.split(":")[:2]) + f":{MASK}"
    parts = value.split(".")
    return ".".join([*parts[:2], MASK, MASK]) if len(parts) == 4 else MASK * 3


def hide_all(value: str) -> str:
    """Nothing of it."""
    return MASK * 3 if value else ""


def show(value: str) -> str:
    """All of it."""
    return value


MASKS: dict[str, Callable[[str], str]] = {
    "name": hide_name,
    "mobile": hide_mobile,
    "mail": hide_mail,
    "id_number": hide_id_number,
    "address": hide_address,
    "all": hide_all,
    "none": show,
}
