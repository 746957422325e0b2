"""The school, course and learner of the ordinary watch-time tests, for their long forms."""

from tests.service.learning.conftest import course, learner, school

__all__ = ["course", "learner", "school"]
