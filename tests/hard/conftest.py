"""What the long forms of reliability tests share with the ordinary ones."""

from tests.kill.conftest import machine
from tests.service.learning.conftest import course, learner, school

__all__ = ["course", "learner", "machine", "school"]
