"""Staff pages of the question banks."""

from lms.questionbank.staff_views import browsing, editing, files, inserting, keeping, reviewing
from lms.questionbank.staff_views.blueprint import bp

__all__ = ["bp", "browsing", "editing", "files", "inserting", "keeping", "reviewing"]
