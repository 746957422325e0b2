"""Branch classrooms: opened and ended, played on a screen, signed in to, frozen, signed, credited, corrected."""

from lms.learning.service.classroom.correcting import decide, propose
from lms.learning.service.classroom.crediting import credit_session
from lms.learning.service.classroom.people import code_shown, sign_in, sign_in_by_code, sign_out, sign_person_out
from lms.learning.service.classroom.photos import add_photo, photo_key
from lms.learning.service.classroom.rooms import (
    RoomPlan,
    end_idle_rooms,
    end_room,
    end_rooms_of,
    keep_present,
    open_room,
)
from lms.learning.service.classroom.screen import answer_check, open_screen, take_report
from lms.learning.service.classroom.signing import HOST_HAS, sign, sign_for_host

__all__ = [
    "HOST_HAS",
    "RoomPlan",
    "add_photo",
    "answer_check",
    "code_shown",
    "credit_session",
    "decide",
    "end_idle_rooms",
    "end_room",
    "end_rooms_of",
    "keep_present",
    "open_room",
    "open_screen",
    "photo_key",
    "propose",
    "sign",
    "sign_for_host",
    "sign_in",
    "sign_in_by_code",
    "sign_out",
    "sign_person_out",
    "take_report",
]
