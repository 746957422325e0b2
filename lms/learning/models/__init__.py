"""The tables of learning, by what they keep."""

from lms.learning.models.classrooms import (
    ClassroomAttendanceRow,
    ClassroomCorrectionRow,
    ClassroomPhotoRow,
    ClassroomPlayRow,
    ClassroomSessionRow,
    ClassroomSheetRow,
    ClassroomSignatureRow,
)
from lms.learning.models.flags import WatchCursorRow, WatchFlagRow, WatchObjectionRow, WatchOriginRow
from lms.learning.models.watching import (
    LEASE_STATES,
    CourseCompletionRow,
    LeaseRow,
    PresenceCheckRow,
    WatchPolicyRow,
    WatchProgressRow,
)

__all__ = [
    "LEASE_STATES",
    "ClassroomAttendanceRow",
    "ClassroomCorrectionRow",
    "ClassroomPhotoRow",
    "ClassroomPlayRow",
    "ClassroomSessionRow",
    "ClassroomSheetRow",
    "ClassroomSignatureRow",
    "CourseCompletionRow",
    "LeaseRow",
    "PresenceCheckRow",
    "WatchCursorRow",
    "WatchFlagRow",
    "WatchObjectionRow",
    "WatchOriginRow",
    "WatchPolicyRow",
    "WatchProgressRow",
]
