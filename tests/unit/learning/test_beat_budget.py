"""How many seconds a beat may credit: docs/watch-time.md, row by row. Requirement 19, invariant I2."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.learning.domain.beats import Beat, LeaseFacts, Policy, TrimReason, accept
from lms.learning.domain.intervals import Span

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = 3_600_000


def at(ms: int) -> datetime:
    return OPENED + timedelta(milliseconds=ms)


def answer(
    *segments: Span,
    now: int,
    ended: int | None = None,
    held: int = 0,
    credited: int = 0,
    watched: tuple[Span, ...] = (),
    policy: Policy | None = None,
) -> tuple[int, int, dict[str, int]]:
    """Credited ms, held ms, trimmed ms by reason, in an hour of media."""
    beat = Beat(1, segments, 0, 1.0, visible=True, final=False)
    lease = LeaseFacts(OPENED, None if ended is None else at(ended), held, credited, HOUR, watched)
    accepted = accept(beat, lease, now=at(now), policy=policy or Policy())
    return accepted.credited_ms, accepted.held_ms, {trim.reason: trim.ms for trim in accepted.trimmed}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            {"segments": [(0, 15_000)], "now": 15_400}, (15_000, 0, {}), id="FIFTEEN_SECONDS_PLAYED_IN_FIFTEEN_SECONDS"
        ),
        pytest.param(
            {"segments": [(0, 30_000)], "now": 15_000}, (15_000, 0, {"budget": 15_000}), id="TWICE_THE_TIME_CLAIMED"
        ),
        pytest.param(
            {"segments": [(0, HOUR)], "now": 15_000}, (15_000, 0, {"budget": HOUR - 15_000}), id="WHOLE_VIDEO_CLAIMED"
        ),
        pytest.param({"segments": [(0, 15_000)], "now": 0}, (0, 0, {"budget": 15_000}), id="NO_TIME_SINCE_OPENING"),
        pytest.param(
            {"segments": [(0, 15_000)], "now": -5_000}, (0, 0, {"budget": 15_000}), id="SERVER_CLOCK_STEPPED_BACK"
        ),
        pytest.param(
            {"segments": [(15_000, 30_000)], "now": 30_000, "credited": 15_000, "watched": ((0, 15_000),)},
            (15_000, 0, {}),
            id="SECOND_BEAT",
        ),
        pytest.param(
            {"segments": [(0, 15_000)], "now": 30_000, "credited": 15_000, "watched": ((0, 15_000),)},
            (0, 0, {}),
            id="WATCHED_BEFORE",
        ),
        pytest.param(
            {"segments": [(15_000, 60_000)], "now": 60_000, "credited": 15_000, "watched": ((0, 15_000),)},
            (45_000, 0, {}),
            id="NETWORK_GONE_FOR_THIRTY_SECONDS",
        ),
        pytest.param(
            {"segments": [(0, 15_000)], "now": 20_000, "held": 10_000}, (10_000, 10_000, {"budget": 5_000}), id="HELD"
        ),
        pytest.param({"segments": [(0, 720_000)], "now": 720_000}, (720_000, 0, {}), id="TWELVE_MINUTES_AT_ONCE"),
        pytest.param(
            {"segments": [(0, 900_000)], "now": 900_000},
            (720_000, 180_000, {"budget": 180_000}),
            id="FIFTEEN_MINUTES_AT_ONCE_FORFEIT_THREE",
        ),
        pytest.param({"segments": [], "now": 1_320_000}, (0, 600_000, {}), id="PAUSED_TWENTY_TWO_MINUTES_FORFEIT_TEN"),
        pytest.param(
            {"segments": [(0, 900_000)], "now": 1_320_000, "held": 600_000},
            (720_000, 600_000, {"budget": 180_000}),
            id="FORFEITED_TIME_STAYS_FORFEITED",
        ),
        pytest.param(
            {"segments": [(60_000, 75_000)], "now": 675_000, "credited": 60_000, "watched": ((0, 60_000),)},
            (15_000, 0, {}),
            id="PAUSED_TEN_MINUTES",
        ),
    ],
)
def test_a_beat_is_credited_up_to_the_real_time_of_its_lease(facts: dict, expected: tuple) -> None:
    facts = dict(facts)
    assert answer(*facts.pop("segments"), **facts) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(60_000, (40_000, 0, {"budget": 20_000}), id="AT_ITS_END_PLUS_TWENTY_SECONDS"),
        pytest.param(640_000, (40_000, 0, {"budget": 20_000}), id="TEN_MINUTES_AFTER_ITS_END"),
        pytest.param(640_001, (0, 0, {"lease_over": 60_000}), id="A_MILLISECOND_LATER"),
    ],
)
def test_an_ended_lease_pays_its_own_time_for_ten_minutes(now: int, expected: tuple) -> None:
    """Requirement 25: a superseded or ended lease still credits within its own budget up to its end."""
    assert answer((0, 60_000), now=now, ended=40_000) == expected


@pytest.mark.parametrize(
    ("rate", "credited"),
    [
        pytest.param(100, 15_000, id="AT_NORMAL_SPEED_ONLY"),
        pytest.param(150, 22_500, id="ONE_AND_A_HALF"),
        pytest.param(200, 30_000, id="DOUBLE"),
    ],
)
def test_the_top_rate_of_the_course_bounds_the_budget(rate: int, credited: int) -> None:
    """Requirement 22: credit is by media seconds, never faster than the course allows."""
    assert answer((0, HOUR), now=15_000, policy=Policy(max_rate_percent=rate))[0] == credited


def test_forfeiture_is_counted_in_real_time_under_any_top_rate() -> None:
    assert answer((0, HOUR), now=HOUR, policy=Policy(max_rate_percent=150))[:2] == (1_080_000, HOUR - 720_000)


def test_a_rate_that_does_not_divide_evenly_never_pays_a_millisecond_too_much() -> None:
    policy = Policy(max_rate_percent=133)
    first = answer((0, HOUR), now=1_001, policy=policy)[0]
    assert first == 1_331
    assert answer((0, HOUR), now=1_002, credited=first, watched=((0, first),), policy=policy)[0] == 1


@pytest.mark.parametrize(
    ("segments", "watched", "credited"),
    [
        pytest.param([(0, 5_000), (5_900, 9_000)], (), 9_000, id="GAP_INSIDE_THE_BEAT"),
        pytest.param([(5_900, 9_000)], ((0, 5_000),), 4_000, id="GAP_AFTER_WHAT_WAS_WATCHED"),
        pytest.param([(0, 5_000)], ((5_900, 9_000),), 5_900, id="GAP_BEFORE_WHAT_WAS_WATCHED"),
        pytest.param(
            [(4_000, 5_000), (5_900, 6_000)], ((0, 5_000), (5_900, 9_000)), 900, id="PLAYED_ACROSS_AN_OLD_GAP"
        ),
        pytest.param([(6_001, 9_000)], ((0, 5_000),), 2_999, id="MORE_THAN_A_SECOND_STAYS_OPEN"),
        pytest.param([(20_000, 21_000)], ((0, 5_000), (5_900, 9_000)), 1_000, id="A_GAP_ELSEWHERE_STAYS_OPEN"),
        pytest.param([], ((0, 5_000), (5_900, 9_000)), 0, id="AN_EMPTY_BEAT_CLOSES_NOTHING"),
    ],
)
def test_gaps_of_at_most_a_second_next_to_the_claim_are_closed(
    segments: list[Span], watched: tuple[Span, ...], credited: int
) -> None:
    assert answer(*segments, now=60_000, watched=watched)[0] == credited


@pytest.mark.parametrize(
    ("now", "watched"),
    [
        pytest.param(9_000, ((0, 9_000),), id="ENOUGH_FOR_THE_GAP"),
        pytest.param(8_400, ((0, 5_400), (6_000, 9_000)), id="ENOUGH_FOR_PART_OF_IT"),
        pytest.param(8_000, ((0, 5_000), (6_000, 9_000)), id="PLAYED_SECONDS_GO_FIRST"),
    ],
)
def test_closing_a_gap_is_paid_from_what_the_played_seconds_leave(now: int, watched: tuple[Span, ...]) -> None:
    beat = Beat(1, [(0, 5_000), (6_000, 9_000)], 0, 1.0, visible=True, final=False)
    accepted = accept(beat, LeaseFacts(OPENED, None, 0, 0, HOUR, ()), now=at(now), policy=Policy())
    assert (accepted.watched, accepted.credited_ms, accepted.trimmed) == (watched, now, ())


def test_a_budget_that_does_not_suffice_goes_to_the_earliest_media_time_in_whatever_order_it_was_sent() -> None:
    sent = [(40_000, 50_000), (0, 10_000), (20_000, 30_000)]
    beat = Beat(1, sent, 0, 1.0, visible=True, final=False)
    accepted = accept(beat, LeaseFacts(OPENED, None, 0, 0, HOUR, ()), now=at(15_000), policy=Policy())
    assert accepted.watched == ((0, 10_000), (20_000, 25_000))
    assert [(trim.ms, trim.reason) for trim in accepted.trimmed] == [(15_000, TrimReason.BUDGET)]


def test_a_policy_without_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="top rate"):
        Policy(max_rate_percent=0)
    with pytest.raises(ValueError, match="negative"):
        Policy(grace_ms=-1)
