"""Opens leases, takes beats and completes courses; the rule itself is domain/beats.py."""

from lms.learning.service.beat import BeatOutcome, take_beat
from lms.learning.service.completing import import_progress
from lms.learning.service.lease import OpenedLease, expire_silent_leases, open_lease, revoke_leases

__all__ = [
    "BeatOutcome",
    "OpenedLease",
    "expire_silent_leases",
    "import_progress",
    "open_lease",
    "revoke_leases",
    "take_beat",
]
