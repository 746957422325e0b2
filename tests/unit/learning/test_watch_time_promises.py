"""W1 to W8, the promises about watch time that other systems do not keep; W9 is in tests/unit/hours/test_targets.py."""

from dataclasses import replace

from lms.learning.domain import completion
from lms.learning.domain.completion import State
from tests.unit.learning.watching import MINUTE, Person


def test_w1_one_forged_beat_claiming_the_whole_video_credits_the_time_that_passed(person: Person) -> None:
    lease = person.open()
    person.wait(7_000)
    assert person.beat(lease, (0, 10 * MINUTE), final=True).credited_ms == 7_000


def test_w2_dragging_to_the_end_leaves_coverage_where_it_was(person: Person) -> None:
    lease = person.open()
    person.wait(MINUTE)
    person.beat(lease, (0, MINUTE))
    person.wait(2_000)
    person.beat(lease, (10 * MINUTE, 10 * MINUTE), position_ms=10 * MINUTE)
    seen = completion.state(person.watched["video"], person.duration_ms, completion.Policy())
    assert (seen.state, seen.coverage) == (State.IN_PROGRESS, 0.1)


def test_w3_the_same_minute_sixty_times_is_a_minute(person: Person) -> None:
    lease = person.open()
    for _ in range(60):
        person.wait(MINUTE)
        person.beat(lease, (0, MINUTE))
    assert person.credited() == MINUTE


def test_w4_two_devices_at_once_count_once(person: Person) -> None:
    phone = person.open()
    person.wait(MINUTE)
    computer = person.open()
    person.wait(MINUTE)
    assert person.beat(phone, (0, 2 * MINUTE)).credited_ms == MINUTE
    assert person.beat(computer, (2 * MINUTE, 4 * MINUTE)).credited_ms == MINUTE


def test_w5_a_killed_browser_loses_only_what_was_not_yet_sent(person: Person) -> None:
    lease = person.open()
    for n in range(4):
        person.wait(15_000)
        person.beat(lease, (n * 15_000, (n + 1) * 15_000))
    person.wait(14_000)
    assert person.watched["video"] == ((0, MINUTE),)


def test_w6_ten_minutes_without_network_lose_nothing_and_gain_nothing(person: Person) -> None:
    lease = person.open()
    person.wait(10 * MINUTE)
    answer = person.beat(lease, *((n * 20_000, (n + 1) * 20_000) for n in range(30)))
    assert (answer.credited_ms, answer.trimmed) == (10 * MINUTE, ())


def test_w7_time_that_is_held_is_never_paid(person: Person) -> None:
    """What follows an unanswered presence check is added to the lease's held time."""
    lease = person.open()
    person.wait(2 * MINUTE)
    asset, facts = person.leases[lease]
    person.leases[lease] = asset, replace(facts, held_ms=MINUTE)
    assert person.beat(lease, (0, 2 * MINUTE)).credited_ms == MINUTE


def test_w8_double_speed_needs_the_full_time(person: Person) -> None:
    lease = person.open()
    for n in range(20):
        person.wait(15_000)
        person.beat(lease, (n * 30_000, (n + 1) * 30_000), rate=2.0)
    assert person.credited() == 5 * MINUTE
    seen = completion.state(person.watched["video"], person.duration_ms, completion.Policy())
    assert seen.state is State.IN_PROGRESS
