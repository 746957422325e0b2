"""Decides how many seconds a beat may credit: what is new in it, up to the real time that its lease still has.

    budget = (min(now, ended) - opened - held) x top rate - credited so far

in whole milliseconds, on the server's clock alone. docs/watch-time.md tells the reasons and works examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lms.learning.domain.intervals import Span, close_gaps, length, subtract, union

_MILLISECOND = timedelta(milliseconds=1)
_LARGEST_NUMBER = 2**53 - 1  # what a JSON number keeps exactly; sums of a beat's spans then fit a database integer


class TrimReason(StrEnum):
    """Why claimed time was not credited."""

    MALFORMED_SPAN = "malformed_span"
    OUTSIDE_DURATION = "outside_duration"
    TOO_MANY_SPANS = "too_many_spans"
    BUDGET = "budget"
    LEASE_OVER = "lease_over"
    PLAYLIST_NOT_FETCHED = "playlist_not_fetched"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a course allows. Times are real milliseconds, except `gap_ms`, which is media time."""

    max_rate_percent: int = 100
    forfeit_after_ms: int = 720_000
    grace_ms: int = 600_000
    max_spans_per_beat: int = 32
    max_spans: int = 500
    gap_ms: int = 1000

    def __post_init__(self) -> None:
        least = min(self.forfeit_after_ms, self.grace_ms, self.max_spans_per_beat, self.max_spans, self.gap_ms)
        if self.max_rate_percent < 1 or least < 0:
            raise ValueError(f"a policy of watching has a positive top rate and no negative number: {self}")


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """A lease as it stands before the beat.

    `held_ms` is the real time of the lease that pays nothing; `credited_ms` is the media time that the lease was paid;
    `duration_ms` is the probed length of the media; `watched` is all that the person has of it, from any lease.
    `asked_at` is when a presence check was asked that is not answered yet; without `playlist_fetched` nothing is paid.
    """

    opened_at: datetime
    ended_at: datetime | None
    held_ms: int
    credited_ms: int
    duration_ms: int
    watched: tuple[Span, ...]
    asked_at: datetime | None = None
    playlist_fetched: bool = True


@dataclass(frozen=True, slots=True)
class Beat:
    """What a page reports. Only `segments`, the spans [from, to) of media time played, can earn anything."""

    seq: int
    segments: Sequence[Span]
    position_ms: int
    rate: float
    visible: bool
    final: bool


@dataclass(frozen=True, slots=True)
class Trim:
    """So many milliseconds of media time were claimed and not credited; 0 where a span is no span at all."""

    ms: int
    reason: TrimReason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The outcome: `credited_ms` is what this beat adds; `watched` and `held_ms` replace the stored values."""

    credited_ms: int
    watched: tuple[Span, ...]
    held_ms: int
    trimmed: tuple[Trim, ...]


def accept(beat: Beat, lease: LeaseFacts, *, now: datetime, policy: Policy) -> Accepted:
    """What the beat, received at `now`, is worth. Never raises, whatever the page sent.

    A repeated or reordered beat brings nothing new and so changes nothing. A budget that does not suffice goes to the
    earliest media time.
    """
    trims: dict[TrimReason, int] = {}
    claimed = _read(beat.segments, lease.duration_ms, policy.max_spans_per_beat, trims)
    watched = union(lease.watched)
    if refused := _refused(lease, now, policy):
        trims[refused] = length(subtract(claimed, watched))
        return Accepted(0, watched, lease.held_ms, _listed(trims))

    budget, held_ms = _budget(lease, now, policy)
    after, crowded = _credit(_news(claimed, watched, policy.gap_ms), watched, budget, policy.max_spans)
    unpaid = subtract(claimed, after)
    over_budget = length(subtract(unpaid, crowded))
    if waiting := min(over_budget, _withheld(lease, now, policy, budget)):
        trims[TrimReason.PRESENCE] = waiting
    if over_budget > waiting:
        trims[TrimReason.BUDGET] = over_budget - waiting
    if crowding := length(unpaid) - over_budget:
        trims[TrimReason.TOO_MANY_SPANS] = trims.get(TrimReason.TOO_MANY_SPANS, 0) + crowding
    return Accepted(length(after) - length(watched), after, held_ms, _listed(trims))


def payable_ms(lease: LeaseFacts, *, now: datetime, policy: Policy) -> int:
    """The media time that beats may still bring to a lease that ends at `now` or ended before."""
    return 0 if _refused(lease, now, policy) else _budget(lease, now, policy)[0]


def _refused(lease: LeaseFacts, now: datetime, policy: Policy) -> TrimReason | None:
    """Why the lease pays nothing at all, if so."""
    if lease.ended_at is not None and now - lease.ended_at > policy.grace_ms * _MILLISECOND:
        return TrimReason.LEASE_OVER
    return None if lease.playlist_fetched else TrimReason.PLAYLIST_NOT_FETCHED


def _budget(lease: LeaseFacts, now: datetime, policy: Policy) -> tuple[int, int]:
    """The media time that the lease can still be paid, and its held real time with what is forfeited at this beat."""
    end = min(moment for moment in (now, lease.ended_at, lease.asked_at) if moment is not None)
    elapsed = max(0, (end - lease.opened_at) // _MILLISECOND)
    paid = -(-lease.credited_ms * 100 // policy.max_rate_percent)  # real time, rounded up
    unclaimed = elapsed - lease.held_ms - paid
    held_ms = lease.held_ms + max(0, unclaimed - policy.forfeit_after_ms)
    return max(0, (elapsed - held_ms) * policy.max_rate_percent // 100 - lease.credited_ms), held_ms


def _withheld(lease: LeaseFacts, now: datetime, policy: Policy, budget: int) -> int:
    """What could be paid beyond `budget` if the open presence check were answered."""
    if lease.asked_at is None:
        return 0
    return _budget(replace(lease, asked_at=None), now, policy)[0] - budget


def _read(segments: Sequence[object], duration_ms: int, most: int, trims: dict[TrimReason, int]) -> tuple[Span, ...]:
    """The claimed spans inside the media; what is dropped is added to `trims`."""
    spans: list[Span] = []
    for segment in segments:
        span = _span(segment)
        if span is None:
            trims.setdefault(TrimReason.MALFORMED_SPAN, 0)
        elif span[0] < span[1]:
            spans.append(span)
    inside = [(max(0, start), min(end, duration_ms)) for start, end in spans]
    if outside := sum(length([span]) for span in spans) - sum(length([span]) for span in inside):
        trims[TrimReason.OUTSIDE_DURATION] = outside
    if len(inside) > most:
        trims[TrimReason.TOO_MANY_SPANS] = length(subtract(inside[most:], inside[:most]))
    return union(inside[:most])


def _span(segment: object) -> Span | None:
    if not isinstance(segment, list | tuple) or len(segment) != 2:
        return None
    start, end = segment
    if type(start) is not int or type(end) is not int or max(abs(start), abs(end)) > _LARGEST_NUMBER:
        return None
    return (start, end) if start <= end else None


def _news(claimed: tuple[Span, ...], watched: tuple[Span, ...], gap_ms: int) -> tuple[Span, ...]:
    """What the claim adds: first its unseen time, then the short gaps next to it, so that no gap costs a played second."""
    together = union(claimed + watched)
    if len(together) <= 1:  # the lecture is watched on from where it was left
        return subtract(claimed, watched)
    gaps = subtract(close_gaps(together, gap_ms), together)
    bordering = tuple(gap for gap in gaps if any(s <= gap[0] <= e or s <= gap[1] <= e for s, e in claimed))
    return subtract(claimed, watched) + bordering


def _credit(
    news: tuple[Span, ...], watched: tuple[Span, ...], budget: int, max_spans: int
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What is watched afterwards, and the news left out because the record would fall into too many spans."""
    crowded: list[Span] = []
    for start, end in news:
        piece = start, min(end, start + budget)
        joined = union((*watched, piece))
        if len(joined) > max(len(watched), max_spans):
            crowded.append(piece)
            continue
        watched = joined
        budget -= piece[1] - piece[0]
    return watched, tuple(crowded)


def _listed(trims: dict[TrimReason, int]) -> tuple[Trim, ...]:
    return tuple(Trim(trims[reason], reason) for reason in TrimReason if reason in trims)
