"""When repeated wrong passwords lock a user name, known or not (requirement 63)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Guard:
    """Wrong tries of one user name; locking is by name alone, so that it never tells whether the name exists."""

    failures: int
    since: datetime
    locked_until: datetime | None = None


def locked(guard: Guard | None, now: datetime) -> bool:
    """Whether the name may not try now."""
    return guard is not None and guard.locked_until is not None and now < guard.locked_until


def after_failure(guard: Guard | None, now: datetime, *, limit: int, minutes: int) -> Guard:
    """The guard after one more wrong try; the `limit`-th within `minutes` locks for `minutes`."""
    window = timedelta(minutes=minutes)
    if guard is None or now - guard.since > window or (guard.locked_until is not None and now >= guard.locked_until):
        guard = Guard(0, now)
    guard = replace(guard, failures=guard.failures + 1)
    return replace(guard, locked_until=now + window) if guard.failures >= limit else guard
