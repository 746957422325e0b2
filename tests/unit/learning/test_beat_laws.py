"""Laws that hold for all beats, honest or forged. Invariant I2."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st

from lms.learning.domain.beats import Accepted, Beat, LeaseFacts, Policy, accept
from lms.learning.domain.intervals import Span, length, subtract, union

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DURATION = 1_800_000

segments = st.lists(st.tuples(st.integers(-5_000, DURATION + 5_000), st.integers(-5_000, DURATION + 5_000)), max_size=6)
offsets = st.integers(-60_000, 3_600_000)
policies = st.builds(
    Policy,
    max_rate_percent=st.sampled_from([50, 100, 133, 150, 200]),
    forfeit_after_ms=st.sampled_from([0, 60_000, 720_000]),
    max_spans=st.sampled_from([2, 500]),
    gap_ms=st.sampled_from([0, 1_000]),
)


def at(ms: int) -> datetime:
    return OPENED + timedelta(milliseconds=ms)


def follow(lease: LeaseFacts, spans: list[Span], now: datetime, policy: Policy) -> tuple[LeaseFacts, Accepted]:
    accepted = accept(Beat(1, spans, 0, 1.0, visible=True, final=False), lease, now=now, policy=policy)
    credited = lease.credited_ms + accepted.credited_ms
    return replace(lease, credited_ms=credited, held_ms=accepted.held_ms, watched=accepted.watched), accepted


@settings(deadline=None)
@given(st.lists(st.tuples(offsets, segments), max_size=12), policies, st.none() | st.integers(0, 3_600_000))
def test_credit_never_exceeds_real_time_nor_distinct_media(
    beats: list[tuple[int, list[Span]]], policy: Policy, ended: int | None
) -> None:
    lease = LeaseFacts(OPENED, None if ended is None else at(ended), 0, 0, DURATION, ())
    latest = 0
    for offset, spans in beats:
        latest = max(latest, offset)
        lease, accepted = follow(lease, spans, at(offset), policy)
        assert accepted.credited_ms >= 0
        assert all(trim.ms >= 0 for trim in accepted.trimmed)
        assert len(lease.watched) <= policy.max_spans
    real = latest if ended is None else min(latest, ended)
    assert lease.credited_ms * 100 <= real * policy.max_rate_percent
    assert lease.credited_ms == length(lease.watched) <= DURATION


@settings(deadline=None)
@given(segments, st.integers(0, 720_000), st.integers(0, 720_000))
def test_a_repeated_beat_adds_only_what_the_budget_had_left_out(spans: list[Span], first: int, later: int) -> None:
    lease, accepted = follow(LeaseFacts(OPENED, None, 0, 0, DURATION, ()), spans, at(first), Policy())
    refused = sum(trim.ms for trim in accepted.trimmed if trim.reason == "budget")
    same, repeated = follow(lease, spans, at(first), Policy())
    assert (repeated.credited_ms, same.watched) == (0, lease.watched)
    assert follow(lease, spans, at(first + later), Policy())[1].credited_ms <= min(later, refused + 1_000 * len(spans))


@settings(deadline=None)
@given(segments, st.integers(0, 720_000), st.randoms(use_true_random=False))
def test_the_order_of_the_spans_in_a_beat_does_not_matter(spans: list[Span], now: int, rng: object) -> None:
    lease = LeaseFacts(OPENED, None, 0, 0, DURATION, ())
    shuffled = list(spans)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert follow(lease, spans, at(now), Policy()) == follow(lease, shuffled, at(now), Policy())


@settings(deadline=None)
@given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=8))
def test_reordered_and_repeated_beats_of_an_honest_page_end_the_same(order: list[int], again: list[int]) -> None:
    played = [[(n * 15_000, (n + 1) * 15_000)] for n in range(8)]
    lease = LeaseFacts(OPENED, None, 0, 0, DURATION, ())
    for n in (*order, *again):
        lease, _ = follow(lease, played[n], at(120_500), Policy())
    assert (lease.watched, lease.credited_ms) == (((0, 120_000),), 120_000)


@settings(deadline=None)
@given(segments, segments, st.integers(0, 720_000))
def test_watching_again_adds_nothing(spans: list[Span], before: list[Span], now: int) -> None:
    watched = union(span for span in before if span[0] >= 0 and span[1] <= DURATION)
    lease, accepted = follow(
        LeaseFacts(OPENED, None, 0, 0, DURATION, watched), list(watched), at(now), Policy(gap_ms=0)
    )
    assert (accepted.credited_ms, accepted.trimmed) == (0, ())
    lease, accepted = follow(lease, spans, at(now), Policy(gap_ms=0))
    assert accepted.credited_ms == length(subtract(lease.watched, watched))
    assert subtract(watched, lease.watched) == ()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600_000), segments), max_size=10))
def test_held_time_only_grows_and_no_beat_pays_more_than_twelve_minutes(beats: list[tuple[int, list[Span]]]) -> None:
    lease, now = LeaseFacts(OPENED, None, 0, 0, DURATION, ()), 0
    for wait, spans in beats:
        now += wait
        held = lease.held_ms
        lease, accepted = follow(lease, spans, at(now), Policy())
        assert lease.held_ms >= held
        assert accepted.credited_ms <= 720_000
