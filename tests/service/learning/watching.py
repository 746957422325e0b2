"""What tests of watching do again and again: moments after the start, a lease, a beat."""

from datetime import datetime, timedelta
from uuid import UUID

from lms.learning import service
from lms.learning.domain.beats import Beat
from tests.factories import learning
from tests.factories.learning import NOW, Course


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def open_lease(course: Course, person_id: UUID, *, now: datetime = NOW) -> UUID:
    return learning.open_lease(course.lecture_ids[0], person_id, now=now).lease_id


def beat(
    lease_id: UUID,
    *spans: tuple[int, int],
    now: datetime,
    seq: int = 1,
    position_ms: int = 0,
    final: bool = False,
    carry: str | None = None,
) -> service.BeatOutcome:
    told = Beat(seq=seq, segments=spans, position_ms=position_ms, rate=1.0, visible=True, final=final)
    return service.take_beat(lease_id, told, carry=carry, now=now)
