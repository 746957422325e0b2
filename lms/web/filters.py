"""Turns values into what people read: Shanghai time, hours, durations, sizes."""

from datetime import date, datetime
from typing import Any

from lms.kernel.clock import SHANGHAI


def instant(value: datetime | None) -> str:
    """A moment in Shanghai time, to the minute."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else ""


def clock_time(value: datetime) -> str:
    """The time of day in Shanghai, to the second."""
    return value.astimezone(SHANGHAI).strftime("%H:%M:%S")


def day(value: datetime | date | None) -> str:
    """A day; moments count by the calendar of Shanghai."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return value.isoformat() if value else ""


def hours(hundredths: int) -> str:
    """Hundredths of an hour without needless zeros: 400 is "4", 50 is "0.5"."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def duration(milliseconds: int | None) -> str:
    """Minutes and seconds, hours when there are any: 12:40, 1:02:03."""
    seconds = round((milliseconds or 0) / 1000)
    minutes, seconds = divmod(seconds, 60)
    whole_hours, minutes = divmod(minutes, 60)
    return f"{whole_hours}:{minutes:02}:{seconds:02}" if whole_hours else f"{minutes}:{seconds:02}"


def percent(share: float) -> str:
    """A share of one as whole per cent, never 100 before it is reached."""
    return f"{int(share * 100 + 1e-9)}%"


def size(count: int) -> str:
    """Bytes in the unit that people would use."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return ""


FILTERS: dict[str, Any] = {
    "instant": instant,
    "clock_time": clock_time,
    "day": day,
    "hours": hours,
    "duration": duration,
    "percent": percent,
    "size": size,
}
