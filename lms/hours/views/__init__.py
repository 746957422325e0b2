"""Pages of one's own hours: the year, each entry's grounds, disputes."""

from lms.hours.views import disputes, entry, statement, year
from lms.hours.views.blueprint import bp

__all__ = ["bp", "disputes", "entry", "statement", "year"]
