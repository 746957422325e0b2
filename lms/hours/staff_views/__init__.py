"""Staff pages of hours: a person's ledger, corrections by two persons, disputes."""

from lms.hours.staff_views import corrections, disputes, entries
from lms.hours.staff_views.blueprint import bp

__all__ = ["bp", "corrections", "disputes", "entries"]
