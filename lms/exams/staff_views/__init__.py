"""Staff pages of exams: watching one while it is under way."""

from lms.exams.staff_views import board
from lms.exams.staff_views.blueprint import bp

__all__ = ["board", "bp"]
