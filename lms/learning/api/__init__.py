"""Learning as JSON: leases and beats of one person, the screen of a classroom."""

from lms.learning.api import screens
from lms.learning.api.watching import WHY_OVER, bp

__all__ = ["WHY_OVER", "bp", "screens"]
