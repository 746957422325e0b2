"""T6 in its full number: whatever 100,000 forged beats claim, a lease is paid real time and each second of media once."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from lms.infra.db import reading
from lms.learning import queries
from lms.learning.domain.intervals import length
from lms.learning.models import LeaseRow
from tests.factories.learning import NOW, Course
from tests.service.learning.watching import beat, open_lease

BEATS = 100_000


@pytest.mark.hard
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forged_beats_are_paid_real_time_and_no_more(course: Course, learner: UUID, seed: int) -> None:
    rng = Random(seed)
    lease = open_lease(course, learner)
    elapsed = paid = 0
    for seq in range(BEATS // 3):
        elapsed += rng.choice((0, 0, 0, 1, 10))
        start = rng.randrange(-1_000, 70_000)
        claim = (start, start + rng.choice((1, 100, 15_000, 3_600_000)))
        outcome = beat(lease, claim, now=NOW + timedelta(milliseconds=elapsed), seq=rng.randrange(seq + 1))
        paid += outcome.accepted_ms
        assert paid <= elapsed
    with reading() as session:
        row = session.get_one(LeaseRow, lease)
        watched = queries.progress(session, learner, course.asset_ids[0]).watched
    assert paid == row.credited_ms == length(watched) <= elapsed
