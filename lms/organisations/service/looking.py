"""Bounds how often strangers may search the list of units."""

from lms.infra import ratelimit
from lms.kernel.errors import TooMany


def allow_search(address: str, *, per_minute: int) -> None:
    """Counts one search from an address. Raises TooMany when it has made too many in a minute."""
    if not ratelimit.hit("unit-search", address, limit=per_minute, window_seconds=60):
        raise TooMany
