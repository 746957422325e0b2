"""How a lease stands at a moment: its facts for the rule of beats, and whether its silence has ended it."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from lms.learning.domain import beats
from lms.learning.domain.intervals import Span

SILENCE = timedelta(milliseconds=beats.Policy().forfeit_after_ms)
"""A lease without a beat for 12 minutes has expired."""


@lru_cache(maxsize=128)
def watching(max_rate_percent: int) -> beats.Policy:
    """The rule of beats under a course's top rate."""
    return beats.Policy(max_rate_percent=max_rate_percent)


def lazily_expired(lease: Any, now: datetime) -> tuple[str, datetime | None]:
    """(state, end) of a lease's row now: whoever looks sees it expired, though no worker came by."""
    if lease.state == "active" and now - lease.last_beat_at > SILENCE:
        return "expired", lease.last_beat_at + SILENCE
    return lease.state, lease.ended_at


def facts_of(lease: Any, ended_at: datetime | None, watched: tuple[Span, ...] = ()) -> beats.LeaseFacts:
    """What the rule of beats asks of a lease's row."""
    return beats.LeaseFacts(
        opened_at=lease.opened_at,
        ended_at=ended_at,
        held_ms=lease.held_ms,
        credited_ms=lease.credited_ms,
        duration_ms=lease.duration_ms,
        watched=watched,
        asked_at=lease.presence_asked_at,
        playlist_fetched=lease.playlist_at is not None,
    )
