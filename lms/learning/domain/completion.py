"""Decides when a lecture counts as watched: enough of its length is covered, whatever the order and the position."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lms.learning.domain.intervals import Span, close_gaps, length, subtract


class State(StrEnum):
    """How far a person is with a lecture or a course."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a course asks: a share of the length, and how long a missing end is forgiven (the smaller of the two)."""

    threshold_percent: int = 95
    tail_ms: int = 3000
    tail_percent: int = 2


@dataclass(frozen=True, slots=True)
class Completion:
    """The state, and the covered share of the length from 0.0 to 1.0."""

    state: State
    coverage: float


def state(watched: Iterable[Span], duration_ms: int, policy: Policy) -> Completion:
    """How far the watched spans (milliseconds of media time) carry in media of `duration_ms`.

    Gaps of at most one second are closed, a missing end within the tail counts as seen, and then the threshold applies,
    in whole numbers. Media without length are never complete.
    """
    covered = _covered_ms(watched, duration_ms, policy)
    if covered == 0:
        return Completion(State.NOT_STARTED, 0.0)
    complete = covered * 100 >= duration_ms * policy.threshold_percent
    return Completion(State.COMPLETED if complete else State.IN_PROGRESS, covered / duration_ms)


def coverage(watched: Iterable[Span], duration_ms: int, policy: Policy = Policy()) -> float:
    """The covered share alone, which no threshold changes."""
    return state(watched, duration_ms, policy).coverage


def missing(watched: Iterable[Span], duration_ms: int) -> tuple[Span, ...]:
    """The spans of the media that were not watched; gaps of at most one second are none."""
    return subtract([(0, duration_ms)], close_gaps(watched))


def _covered_ms(watched: Iterable[Span], duration_ms: int, policy: Policy) -> int:
    spans = close_gaps((max(0, start), min(end, duration_ms)) for start, end in watched)
    if not spans:
        return 0
    missing_end = duration_ms - spans[-1][1]
    forgiven = missing_end <= min(policy.tail_ms, duration_ms * policy.tail_percent // 100)
    return length(spans) + (missing_end if forgiven else 0)
