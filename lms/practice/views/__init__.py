"""Pages of practice; all work without scripts."""

from lms.practice.views import mock_exam, practising
from lms.practice.views.blueprint import bp

__all__ = ["bp", "mock_exam", "practising"]
