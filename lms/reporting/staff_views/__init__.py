"""Staff pages of figures over units."""

from lms.reporting.staff_views import exporting, reminding, units
from lms.reporting.staff_views.blueprint import bp

__all__ = ["bp", "exporting", "reminding", "units"]
