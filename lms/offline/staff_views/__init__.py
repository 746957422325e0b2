"""Staff pages of training that took place elsewhere."""

from lms.offline.staff_views import deciding, drafting, listing, one
from lms.offline.staff_views.blueprint import bp

__all__ = ["bp", "deciding", "drafting", "listing", "one"]
