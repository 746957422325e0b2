"""Forged claims leave a trace for people to look at; nothing is cancelled by itself (requirements 19 and 28)."""

from uuid import UUID

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from tests.factories.learning import Course
from tests.service.learning.watching import after, beat, open_lease


def traces(lease_id: UUID) -> list[dict[str, int]]:
    with reading() as session:
        entries = session.query(AuditEntryRow).filter_by(action="watch.overclaimed", object_id=str(lease_id))
        return [entry.details for entry in entries]


def test_claiming_the_whole_lecture_at_once_is_noted_once(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    for seq in range(1, 20):
        assert beat(lease, (0, 60_000), now=after(5), seq=seq).accepted_ms == (5_000 if seq == 1 else 0)
    assert traces(lease) == [{"over_ms": 55_000}]


def test_an_honest_viewer_leaves_no_trace(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    for second in range(15, 61, 15):
        beat(lease, (1000 * (second - 15), 1000 * second), now=after(second), seq=second)
    assert traces(lease) == []


def test_a_page_that_played_on_after_it_was_superseded_leaves_no_trace(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    open_lease(course, learner, now=after(5))
    beat(lease, (0, 20_000), now=after(20))
    assert traces(lease) == []
