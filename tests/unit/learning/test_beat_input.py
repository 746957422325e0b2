"""Whatever a page sends, a beat answers with numbers. Requirement 19; attack 9 of T6."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from lms.learning.domain.beats import Accepted, Beat, LeaseFacts, Policy, accept

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DURATION = 100_000


def send(*segments: object, watched: tuple[tuple[int, int], ...] = (), policy: Policy | None = None) -> Accepted:
    beat = Beat(1, segments, 0, 1.0, visible=True, final=False)  # type: ignore[arg-type]
    lease = LeaseFacts(OPENED, None, 0, 0, DURATION, watched)
    return accept(beat, lease, now=OPENED + timedelta(hours=1), policy=policy or Policy())


def trimmed(accepted: Accepted) -> dict[str, int]:
    return {str(trim.reason): trim.ms for trim in accepted.trimmed}


@pytest.mark.parametrize(
    "segment",
    [
        pytest.param((30_000, 10_000), id="REVERSED"),
        pytest.param((0, math.nan), id="NOT_A_NUMBER"),
        pytest.param((0, math.inf), id="INFINITE"),
        pytest.param((0, 1e308), id="HUGE_FLOAT"),
        pytest.param((0, 10**400), id="HUGE_INTEGER"),
        pytest.param((-(2**53), 5), id="HUGE_NEGATIVE"),
        pytest.param((0.0, 5.0), id="FLOATS"),
        pytest.param((False, True), id="BOOLEANS"),
        pytest.param(("0", "5"), id="STRINGS"),
        pytest.param("05", id="A_STRING"),
        pytest.param((0, 1, 2), id="THREE_NUMBERS"),
        pytest.param((0,), id="ONE_NUMBER"),
        pytest.param([[0, 1], [2, 3]], id="NESTED"),
        pytest.param(None, id="NULL"),
        pytest.param({"0": 1, "1": 2}, id="OBJECT"),
    ],
)
def test_a_malformed_span_credits_nothing_and_spares_its_neighbours(segment: object) -> None:
    accepted = send(segment, (10_000, 20_000))
    assert (accepted.credited_ms, accepted.watched) == (10_000, ((10_000, 20_000),))
    assert trimmed(accepted) == {"malformed_span": 0}


@pytest.mark.parametrize(
    ("segment", "credited", "outside"),
    [
        pytest.param((-5_000, 5_000), 5_000, 5_000, id="BEGINS_BEFORE_ZERO"),
        pytest.param((95_000, 105_000), 5_000, 5_000, id="ENDS_AFTER_THE_END"),
        pytest.param((-20_000, -10_000), 0, 10_000, id="WHOLLY_BEFORE"),
        pytest.param((DURATION, DURATION + 7), 0, 7, id="WHOLLY_AFTER"),
        pytest.param((-(2**52), 2**52), DURATION, 2**53 - DURATION, id="ALL_AND_MORE"),
    ],
)
def test_time_outside_the_media_is_cut_off(segment: tuple[int, int], credited: int, outside: int) -> None:
    accepted = send(segment)
    assert (accepted.credited_ms, trimmed(accepted)) == (credited, {"outside_duration": outside})


def test_an_empty_span_is_silently_nothing() -> None:
    assert send((5, 5)) == Accepted(0, (), 3_600_000 - 720_000, ())


def test_only_thirty_two_spans_of_a_beat_are_read() -> None:
    accepted = send(*((n * 2_000, n * 2_000 + 500) for n in range(40)))
    assert accepted.credited_ms == 32 * 500
    assert trimmed(accepted) == {"too_many_spans": 8 * 500}


def test_a_record_grows_to_five_hundred_spans_and_no_further() -> None:
    policy = Policy(max_spans=3, gap_ms=0)
    accepted = send((0, 10), (20, 30), (40, 50), (60, 70), policy=policy)
    assert accepted.watched == ((0, 10), (20, 30), (40, 50))
    assert trimmed(accepted) == {"too_many_spans": 10}


def test_a_full_record_still_takes_what_joins_its_spans() -> None:
    full = ((0, 10), (20, 30), (40, 50))
    accepted = send((10, 20), (60, 70), watched=full, policy=Policy(max_spans=3, gap_ms=0))
    assert accepted.watched == ((0, 30), (40, 50), (60, 70))


def test_media_without_length_credit_nothing() -> None:
    beat = Beat(1, [(0, 10)], 0, 1.0, visible=True, final=False)
    lease = LeaseFacts(OPENED, None, 0, 0, 0, ())
    assert accept(beat, lease, now=OPENED + timedelta(minutes=1), policy=Policy()).credited_ms == 0


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.lists(junk | st.tuples(st.integers(), st.integers()), max_size=40), st.integers(), st.floats(), st.integers())
def test_nothing_that_json_can_say_raises(segments: list[object], position: int, rate: float, seq: int) -> None:
    beat = Beat(seq, segments, position, rate, visible=False, final=True)  # type: ignore[arg-type]
    accepted = accept(
        beat, LeaseFacts(OPENED, None, 0, 0, DURATION, ()), now=OPENED + timedelta(seconds=30), policy=Policy()
    )
    assert 0 <= accepted.credited_ms <= 30_000
    assert all(0 <= start < end <= DURATION for start, end in accepted.watched)
    assert all(0 <= trim.ms < 2**63 for trim in accepted.trimmed)
