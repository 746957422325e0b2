"""The learner's pages of learning."""

from lms.learning.views import classroom, lecture, records
from lms.learning.views.blueprint import bp

__all__ = ["bp", "classroom", "lecture", "records"]
