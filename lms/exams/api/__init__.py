"""Exams as JSON: attempts of one person with their pages' signs of life, and the board of those who watch an exam."""

from lms.exams.api import attempts, board
from lms.exams.api.blueprint import bp

__all__ = ["attempts", "board", "bp"]
