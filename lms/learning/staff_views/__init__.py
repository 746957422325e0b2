"""Staff pages of learning: what courses ask, branch classrooms, and flags that wait for a human."""

from lms.learning.staff_views import classroom_desk, classroom_sheet, classrooms, flags, policies
from lms.learning.staff_views.blueprint import bp

__all__ = ["bp", "classroom_desk", "classroom_sheet", "classrooms", "flags", "policies"]
