"""W1 to W9, the promises about watch time, with rows and commits: what the rules alone promise is in tests/unit/learning."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from lms.hours import queries as hours
from lms.infra.db import reading
from lms.learning import queries, service
from lms.learning.domain.beats import Beat
from lms.learning.domain.watchpolicy import WatchPolicy
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.service.learning.watching import after, beat, open_lease

LAST_EVENING = datetime(2026, 12, 31, 15, 50, tzinfo=UTC)
"""23:50 in Beijing, ten minutes before the year ends."""
MIDNIGHT = LAST_EVENING + timedelta(minutes=10)
LASTS = 20 * 60_000


def covered(course: Course, person_id: UUID) -> int:
    with reading() as session:
        return queries.progress(session, person_id, course.asset_ids[0]).covered_ms


def test_w1_one_forged_beat_for_the_whole_video_credits_the_time_that_passed(course: Course, learner: UUID) -> None:
    told = beat(open_lease(course, learner), (0, 60_000), now=after(7), position_ms=60_000, final=True)
    assert (told.accepted_ms, told.completed, covered(course, learner)) == (7_000, False, 7_000)


def test_w2_dragging_to_the_end_leaves_coverage_where_it_was(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 10_000), now=after(10))
    told = beat(lease, now=after(50), seq=2, position_ms=60_000, final=True)
    assert (told.coverage, told.completed, covered(course, learner)) == (10 / 60, False, 10_000)


def test_w3_the_same_minute_sixty_times_is_a_minute(school: School, learner: UUID) -> None:
    course = learning.add_course(school, duration_ms=10 * 60_000)
    for day in range(3):
        lease = open_lease(course, learner, now=after(86_400 * day))
        for n in range(1, 21):
            beat(lease, (0, 60_000), now=after(86_400 * day + 60 * n), seq=n)
    assert covered(course, learner) == 60_000


def test_w4_two_devices_earn_once_and_the_other_is_told(course: Course, learner: UUID) -> None:
    desk = open_lease(course, learner)
    phone = open_lease(course, learner, now=after(10))
    told = beat(desk, (0, 60_000), now=after(25))
    beat(phone, (30_000, 60_000), now=after(25))
    assert (told.over, told.lease_state) == (True, "superseded")
    assert covered(course, learner) == 25_000


def test_w5_a_page_that_is_gone_loses_only_what_it_had_not_sent(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    for second in (15, 30):
        beat(lease, ((second - 15) * 1000, second * 1000), now=after(second), seq=second)
    service.expire_silent_leases(now=after(3_600))
    assert covered(course, learner) == 30_000


def test_w6_ten_minutes_without_network_lose_nothing_and_gain_nothing(school: School, learner: UUID) -> None:
    course = learning.add_course(school, duration_ms=LASTS)
    lease = open_lease(course, learner)
    beat(lease, (0, 15_000), now=after(15))
    told = beat(lease, (15_000, LASTS), now=after(615), seq=2)
    assert (told.accepted_ms, covered(course, learner)) == (600_000, 615_000)


@pytest.mark.parametrize(("percent", "needed"), [(100, 60), (150, 40), (200, 30)])
def test_w8_double_speed_needs_the_time_that_the_course_allows(
    school: School, course: Course, learner: UUID, percent: int, needed: int
) -> None:
    policy, by = WatchPolicy(max_rate_percent=percent), school.national_reviewer_id
    service.set_policy(course.id, policy, seen_version=0, reason="测试", actor_id=by, now=NOW)
    lease = open_lease(course, learner)
    told = Beat(seq=1, segments=((0, 60_000),), position_ms=60_000, rate=2.0, visible=True, final=False)
    before = service.take_beat(lease, told, now=after(needed * 0.9))
    assert (before.accepted_ms, before.completed) == (54_000, False)
    assert service.take_beat(lease, told, now=after(needed)).completed


def watch_until(course: Course, person_id: UUID, done: datetime) -> None:
    """Watches in beats of a minute; the one that reaches 95 % arrives at `done`."""
    needed = LASTS * 95 // 100
    lease = learning.open_lease(course.lecture_ids[0], person_id, now=done - timedelta(milliseconds=needed)).lease_id
    for end in (*range(60_000, needed, 60_000), needed):
        now = done - timedelta(milliseconds=needed - end)
        told = Beat(seq=end, segments=((0, end),), position_ms=end, rate=1.0, visible=True, final=False)
        outcome = service.take_beat(lease, told, now=now)
        if outcome.presence:
            service.answer_presence(lease, outcome.presence.id, "", now=now, rng=Random(1))
    assert outcome.completed


@pytest.mark.parametrize(
    ("done", "counts"),
    [
        pytest.param(MIDNIGHT - timedelta(milliseconds=1), {2026: 400, 2027: 0}, id="THE_LAST_MILLISECOND_OF_THE_YEAR"),
        pytest.param(MIDNIGHT, {2026: 0, 2027: 400}, id="MIDNIGHT_IN_BEIJING"),
        pytest.param(MIDNIGHT + timedelta(minutes=9), {2026: 0, 2027: 400}, id="BEGUN_AT_TEN_TO_MIDNIGHT"),
    ],
)
def test_w9_a_lecture_over_the_year_s_end_counts_in_the_year_in_which_it_was_completed(
    school: School, learner: UUID, done: datetime, counts: dict[int, int]
) -> None:
    course = learning.add_course(school, duration_ms=LASTS)
    watch_until(course, learner, done)
    with reading() as session:
        earned = {year: hours.year_of(session, learner, year).self_study.earned for year in counts}
    assert earned == counts


def test_w9_of_two_lectures_at_both_sides_of_midnight_the_course_counts_once_and_in_the_new_year(
    school: School, learner: UUID
) -> None:
    course = learning.add_course(school, lectures=2)
    for lecture, begun in zip(course.lecture_ids, (LAST_EVENING, MIDNIGHT), strict=True):
        lease = learning.open_lease(lecture, learner, now=begun).lease_id
        beat(lease, (0, 60_000), now=begun + timedelta(minutes=1))
    with reading() as session:
        earned = [hours.year_of(session, learner, year).self_study.earned for year in (2026, 2027)]
    assert earned == [0, 800]


def test_w9_a_late_beat_for_the_old_year_counts_when_it_arrives(course: Course, learner: UUID) -> None:
    """Played before midnight behind a dead line, credited after it: the server knows of it only then."""
    lease = learning.open_lease(course.lecture_ids[0], learner, now=MIDNIGHT - timedelta(minutes=2)).lease_id
    beat(lease, (0, 60_000), now=MIDNIGHT + timedelta(minutes=5))
    with reading() as session:
        assert hours.year_of(session, learner, 2027).self_study.earned == 400
