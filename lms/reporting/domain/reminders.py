"""When who is behind is reminded, and in which words."""

from collections.abc import Sequence
from datetime import date

from lms.kernel.errors import N_

TITLE = N_("学时提醒")
SELF_ONLY = N_("今年的网络自学还差 %(self)s 学时，距年底还有 %(days)s 天。")
CENTRAL_ONLY = N_("今年的集中培训还差 %(central)s 学时，距年底还有 %(days)s 天。")
BOTH = N_("今年的网络自学还差 %(self)s 学时，集中培训还差 %(central)s 学时，距年底还有 %(days)s 天。")
FROM_UNIT = N_("%(unit)s提醒您：%(words)s（今年还差 %(missing)s 学时，距年底还有 %(days)s 天。）")


def days_left(today: date) -> int:
    """Whole days from a day to the last one of its year."""
    return (date(today.year, 12, 31) - today).days


def stage_of(today: date, stages: Sequence[int]) -> int | None:
    """Which of the reminders before the year's end is due: the nearest one whose day has come; None before the first.

    Who was not reached on the day itself, because no worker ran, is reached later; the next stage replaces it.
    """
    left = days_left(today)
    return min((stage for stage in stages if left <= stage), default=None)


def stages_of(text: str) -> tuple[int, ...]:
    """The stages that a setting names ("90,60,30,7"), the earliest first; none for an empty text. Raises ValueError."""
    stages = tuple(sorted({int(part) for part in text.split(",") if part.strip()}, reverse=True))
    if any(not 0 <= stage <= 366 for stage in stages):
        raise ValueError(text)
    return stages


def week_of(day: date) -> int:
    """The calendar week of a day as a number that tells weeks of all years apart."""
    year, week, _ = day.isocalendar()
    return year * 100 + week


def text_for(self_missing: int, central_missing: int) -> str:
    """The sentence for what is missing, in hundredths."""
    if self_missing and central_missing:
        return BOTH
    return SELF_ONLY if self_missing else CENTRAL_ONLY


def as_hours(hundredths: int) -> str:
    """Hundredths as people write hours."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
