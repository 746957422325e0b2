"""Pages of staff about exams: watching one while it is under way, marking, and putting results right."""

from lms.exams.staff_views import board, marking, regrade
from lms.exams.staff_views.blueprint import bp

__all__ = ["board", "bp", "marking", "regrade"]
