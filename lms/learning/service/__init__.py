"""Opens leases, takes beats and answers, completes courses; the rules themselves are in domain/."""

from lms.learning.service.beat import BeatOutcome, take_beat
from lms.learning.service.carried import LONGEST as LONGEST_CARRY
from lms.learning.service.completing import import_progress
from lms.learning.service.lease import OpenedLease, end_signed_out, expire_silent_leases, open_lease, revoke_leases
from lms.learning.service.playlist import note_playlist, playlist_mark
from lms.learning.service.policy import set_policy
from lms.learning.service.presence import Answered, answer_presence, item_asked
from lms.learning.service.waiting import Question

__all__ = [
    "LONGEST_CARRY",
    "Answered",
    "BeatOutcome",
    "OpenedLease",
    "Question",
    "answer_presence",
    "end_signed_out",
    "expire_silent_leases",
    "import_progress",
    "item_asked",
    "note_playlist",
    "open_lease",
    "playlist_mark",
    "revoke_leases",
    "set_policy",
    "take_beat",
]
