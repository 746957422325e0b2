"""The attacks of T6 that need no database: each earns at most the real time that passed. Numbers are those of T6."""

from dataclasses import fields

import pytest

from lms.learning.domain.beats import Beat
from tests.unit.learning.watching import MINUTE, Person


def test_01_one_beat_replayed_a_thousand_times_pays_once(person: Person) -> None:
    lease = person.open()
    person.wait(15_000)
    assert person.beat(lease, (0, 15_000)).credited_ms == 15_000
    for _ in range(1000):
        person.wait(100)
        assert person.beat(lease, (0, 15_000)).credited_ms == 0


def test_02_a_recorded_session_replayed_the_next_day_pays_nothing(person: Person) -> None:
    lease = person.open()
    for n in range(8):
        person.wait(15_000)
        person.beat(lease, (n * 15_000, (n + 1) * 15_000))
    person.wait(24 * 60 * MINUTE)
    person.end(lease)
    person.wait(10 * MINUTE + 1)
    earned = person.credited()
    again = person.open()
    for n in range(8):
        person.wait(15_000)
        assert person.beat(lease, (n * 15_000, (n + 1) * 15_000)).credited_ms == 0
        assert person.beat(again, (n * 15_000, (n + 1) * 15_000)).credited_ms == 0
    assert person.credited() == earned


def test_05_06_a_beat_has_no_field_for_the_clients_time() -> None:
    assert [field.name for field in fields(Beat)] == ["seq", "segments", "position_ms", "rate", "visible", "final"]


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param({"seq": 10**12}, id="SEQUENCE_FROM_THE_FUTURE"),
        pytest.param({"seq": -1}, id="NEGATIVE_SEQUENCE"),
        pytest.param({"position_ms": 10 * MINUTE}, id="POSITION_AT_THE_END"),
        pytest.param({"rate": 16.0}, id="RATE_SIXTEEN"),
        pytest.param({"final": True}, id="FINAL"),
        pytest.param({"visible": False}, id="18_HIDDEN_TAB"),
    ],
)
def test_nothing_but_segments_earns(person: Person, claim: dict[str, object]) -> None:
    lease = person.open()
    person.wait(15_000)
    assert person.beat(lease, **claim).credited_ms == 0
    assert person.beat(lease, (0, MINUTE), **claim).credited_ms == 15_000


def test_07_five_hundred_beats_in_one_second_pay_one_second(person: Person) -> None:
    lease = person.open()
    for n in range(500):
        person.wait(2)
        person.beat(lease, (n * 1_000, (n + 1) * 1_000))
    assert person.credited() == 1_000


def test_08_an_hour_claimed_after_fifteen_seconds_pays_fifteen_seconds(person: Person) -> None:
    lease = person.open()
    person.wait(15_000)
    person.beat(lease, (0, 60 * MINUTE))
    assert person.credited() == 15_000


def test_10_beats_at_a_hundred_hertz_pay_real_time(person: Person) -> None:
    lease = person.open()
    for n in range(1_500):
        person.wait(10)
        person.beat(lease, (n * 100, (n + 1) * 100))
    assert 0 < person.credited() <= 15_000


def test_11_12_13_eight_tabs_of_eight_videos_pay_one_clock(person: Person) -> None:
    """Attacks 11 and 13 are the same with one video: a new lease ends the one before."""
    tabs = []
    for n in range(8):
        tabs.append(person.open(f"video {n}"))
        person.wait(1_000)
    for _ in range(20):
        person.wait(15_000)
        for lease in tabs:
            person.beat(lease, (0, 10 * MINUTE))
    assert person.credited() <= 8_000 + 20 * 15_000


def test_14_rate_sixteen_with_honest_positions_pays_real_time(person: Person) -> None:
    lease = person.open()
    for n in range(2):
        person.wait(15_000)
        person.beat(lease, (n * 240_000, (n + 1) * 240_000), rate=16.0)
    assert person.credited() == 30_000


def test_15_rate_sixteen_with_faked_positions_pays_real_time(person: Person) -> None:
    lease = person.open()
    for n in range(40):
        person.wait(938)
        person.beat(lease, (n * 15_000, (n + 1) * 15_000), rate=1.0)
    assert person.credited() == 40 * 938


def test_16_seeking_to_the_end_in_each_beat_covers_only_the_end(person: Person) -> None:
    lease = person.open()
    for _ in range(20):
        person.wait(15_000)
        person.beat(lease, (10 * MINUTE - 1_000, 10 * MINUTE), position_ms=10 * MINUTE)
    assert person.watched["video"] == ((10 * MINUTE - 1_000, 10 * MINUTE),)


def test_17_the_same_thirty_seconds_for_an_hour_are_thirty_seconds(person: Person) -> None:
    lease = person.open()
    for n in range(240):
        person.wait(15_000)
        person.beat(lease, (n % 2 * 15_000, (n % 2 + 1) * 15_000))
    assert person.credited() == 30_000


def test_19_a_flood_of_beacons_at_unload_pays_what_was_left(person: Person) -> None:
    lease = person.open()
    person.wait(14_000)
    for n in range(200):
        person.beat(lease, (n * 3_000, (n + 1) * 3_000), final=True)
    assert person.credited() == 14_000


def test_20_a_finished_lease_pays_nothing_after_its_grace(person: Person) -> None:
    lease = person.open()
    person.wait(MINUTE)
    person.beat(lease, (0, MINUTE), final=True)
    person.end(lease)
    person.wait(5 * MINUTE)
    assert person.beat(lease, (MINUTE, 2 * MINUTE)).credited_ms == 0
    person.wait(6 * MINUTE)
    late = person.beat(lease, (MINUTE, 2 * MINUTE))
    assert (late.credited_ms, [trim.reason for trim in late.trimmed]) == (0, ["lease_over"])


def test_24_after_a_revocation_in_mid_play_no_later_second_counts(person: Person) -> None:
    lease = person.open()
    person.wait(20_000)
    person.end(lease)
    person.wait(40_000)
    assert person.beat(lease, (0, MINUTE)).credited_ms == 20_000


def test_beating_every_second_with_a_little_more_each_time_gains_nothing(person: Person) -> None:
    """A tolerance of two seconds a beat would pay three minutes a minute here: the reason why there is none."""
    lease = person.open()
    for n in range(60):
        person.wait(1_000)
        person.beat(lease, (n * 3_000, (n + 1) * 3_000))
    assert person.credited() == MINUTE


def test_an_open_lease_left_alone_banks_twelve_minutes_and_no_more() -> None:
    person = Person(duration_ms=180 * MINUTE)
    lease = person.open()
    for _ in range(300):
        person.wait(15_000)
        person.beat(lease)
    assert person.beat(lease, (0, 180 * MINUTE)).credited_ms == 12 * MINUTE
