"""Staff pages of the question banks."""

from lms.questionbank.staff_views import browsing, files
from lms.questionbank.staff_views.blueprint import bp

__all__ = ["bp", "browsing", "files"]
