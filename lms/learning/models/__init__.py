"""The tables of learning, by what they keep."""

from lms.learning.models.watching import (
    LEASE_STATES,
    CourseCompletionRow,
    LeaseRow,
    PresenceCheckRow,
    WatchPolicyRow,
    WatchProgressRow,
)

__all__ = ["LEASE_STATES", "CourseCompletionRow", "LeaseRow", "PresenceCheckRow", "WatchPolicyRow", "WatchProgressRow"]
