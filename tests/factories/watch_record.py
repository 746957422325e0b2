"""What always holds of a person's record of watching, worked out from rows and claims in words of its own, not the engine's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.infra.db import reading
from lms.learning.models import LeaseRow, WatchProgressRow

Spans = Sequence[tuple[int, int]]

GAP = 1_000
"""Gaps of so many milliseconds between what was claimed may be closed."""
MILLISECOND = timedelta(milliseconds=1)


def merged(spans: Iterable[tuple[int, int]], gap: int = 0) -> list[tuple[int, int]]:
    """The union of spans, in order, with gaps of at most so many milliseconds closed."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((max(0, a), b) for a, b in spans if b > max(0, a)):
        if found and start <= found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def total(spans: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def within(inner: Spans, outer: Spans) -> bool:
    """Whether each span of `inner` lies in one of `outer`."""
    return all(any(a <= start and end <= b for a, b in outer) for start, end in inner)


def leases_of(person_id: UUID) -> Sequence[Any]:
    with reading() as session:
        mine = select(LeaseRow.__table__).where(LeaseRow.person_id == person_id)
        return session.execute(mine.order_by(LeaseRow.opened_at, LeaseRow.ended_at.is_(None), LeaseRow.ended_at)).all()


def progress_of(person_id: UUID) -> Sequence[Any]:
    with reading() as session:
        return session.execute(select(WatchProgressRow.__table__).where(WatchProgressRow.person_id == person_id)).all()


def assert_sound(person_id: UUID, claimed: Mapping[UUID, Spans], *, now: datetime) -> int:
    """One live lease and none that overlap; none paid more than it lived; what is watched was claimed, once, and is paid.

    Returns what was paid, in milliseconds of media time.
    """
    leases, known = leases_of(person_id), progress_of(person_id)
    assert sum(row.ended_at is None for row in leases) <= 1, "two live leases"
    for one, other in pairwise(leases):
        assert one.ended_at is not None and one.ended_at <= other.opened_at, "two leases at one time"
    for row in leases:
        lived = max((row.ended_at or now) - row.opened_at, timedelta(0)) / MILLISECOND
        assert row.credited_ms * 100 <= lived * row.max_rate_percent, "a lease was paid more than it lived"
    for row in known:
        of_asset = [one for one in leases if one.asset_id == row.asset_id]
        watched = [(start, end) for start, end in row.watched]
        claims = merged(claimed.get(row.asset_id, ()), GAP)
        assert watched == merged(watched), "spans overlap or touch"
        assert sum(one.credited_ms for one in of_asset) == row.covered_ms == total(watched), "paid is not watched"
        assert total(watched) <= total(claims) and within(watched, claims), "watched was never claimed"
        assert not watched or watched[-1][1] <= max(one.duration_ms for one in of_asset), "watched after the end"
    return sum(row.credited_ms for row in leases)
