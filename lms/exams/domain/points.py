"""Points in whole hundredths, so that shares of an item's points add up to the same on every machine."""

HUNDRED = 100
Points = int | float
"""Points as people read them: a whole number, or one with two places."""


def points(hundredths: int) -> Points:
    """For people: 400 → 4, 267 → 2.67."""
    return hundredths // HUNDRED if hundredths % HUNDRED == 0 else hundredths / HUNDRED


def split(hundredths: int) -> tuple[int, int | None]:
    """Whole points, and the hundredths beside them, None when there are none: how results are stored."""
    whole, rest = divmod(hundredths, HUNDRED)
    return whole, rest or None


def joined(whole: int, rest: int | None) -> int:
    """The hundredths of what `split` gave."""
    return whole * HUNDRED + (rest or 0)
