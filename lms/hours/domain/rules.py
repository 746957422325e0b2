"""The rules by which hours are worth what they are, and the year in which they count."""

from datetime import datetime

from lms.kernel.clock import SHANGHAI
from lms.kernel.hourrules import Rule, RuleKind, Step, from_data, hours_for, to_data

__all__ = ["Rule", "RuleKind", "Step", "count_year", "from_data", "hours_for", "to_data"]


def count_year(instant: datetime) -> int:
    """The calendar year in China in which hours earned at that instant count. Raises ValueError for a naive time."""
    if instant.tzinfo is None:
        raise ValueError("the year of hours needs an aware time")
    return instant.astimezone(SHANGHAI).year
