"""The learner's pages of learning."""

from lms.learning.views import lecture
from lms.learning.views.blueprint import bp

__all__ = ["bp", "lecture"]
