"""Attack 24: a lease whose playlist was never fetched, and one whose person signed out, pay nothing."""

from random import Random
from uuid import UUID, uuid4

from lms.learning import service
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.service.learning.watching import after, beat


def unfetched(course: Course, person_id: UUID, *, session_id: UUID | None = None) -> service.OpenedLease:
    return service.open_lease(
        course.lecture_ids[0], person_id=person_id, enrolment_id=None, session_id=session_id, now=NOW, rng=Random(1)
    )


def test_24_nothing_is_paid_before_the_playlist_and_nothing_is_forfeited(course: Course, learner: UUID) -> None:
    lease = unfetched(course, learner)
    early = beat(lease.lease_id, (0, 15_000), now=after(15))
    assert (early.accepted_ms, early.trimmed[0].reason) == (0, "playlist_not_fetched")
    service.note_playlist(lease.asset_id, service.playlist_mark(lease.lease_id), now=after(16))
    assert beat(lease.lease_id, (0, 30_000), now=after(30), seq=2).accepted_ms == 30_000


def test_24_the_playlist_of_another_video_or_lease_does_not_count(
    school: School, course: Course, learner: UUID
) -> None:
    lease = unfetched(course, learner)
    other = learning.add_course(school, "另一门").asset_ids[0]
    service.note_playlist(other, service.playlist_mark(lease.lease_id), now=after(1))
    service.note_playlist(lease.asset_id, service.playlist_mark(uuid4()), now=after(1))
    service.note_playlist(lease.asset_id, lease.lease_id.hex, now=after(1))
    assert beat(lease.lease_id, (0, 15_000), now=after(15)).accepted_ms == 0


def test_24_signing_out_ends_the_lease_and_keeps_what_came_before(course: Course, learner: UUID) -> None:
    session_id = uuid4()
    lease = unfetched(course, learner, session_id=session_id)
    service.note_playlist(lease.asset_id, service.playlist_mark(lease.lease_id), now=NOW)
    service.end_signed_out([uuid4()], now=after(10))
    service.end_signed_out([session_id], now=after(20))
    late = beat(lease.lease_id, (0, 60_000), now=after(60))
    assert (late.lease_state, late.over, late.accepted_ms) == ("ended", True, 20_000)
