"""Staff pages of the tree of unions."""

from lms.organisations.staff_views import browsing, changing, requests, sheets
from lms.organisations.staff_views.blueprint import bp

__all__ = ["bp", "browsing", "changing", "requests", "sheets"]
