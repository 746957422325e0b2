"""Counts attempts in moving windows. Local form: this process's memory; the `limits` library brings the shared form later."""

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_limiter = MovingWindowRateLimiter(MemoryStorage())


def hit(scope: str, key: str, *, limit: int, window_seconds: int) -> bool:
    """Counts one attempt of `key` in `scope`; False when the window already holds `limit` of them."""
    return _limiter.hit(RateLimitItemPerSecond(limit, window_seconds, namespace=scope), key)


def forget() -> None:
    """Empties all windows (a fresh process)."""
    _limiter.storage.reset()
