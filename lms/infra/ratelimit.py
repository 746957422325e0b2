"""Counts attempts in moving windows. Local form: this process's memory; the `limits` library brings the shared form later."""

import ipaddress

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_limiter = MovingWindowRateLimiter(MemoryStorage())


def hit(scope: str, key: str, *, limit: int, window_seconds: int, times: int = 1) -> bool:
    """Counts attempts of `key` in `scope`, one unless told; False, and none counted, when the window would hold more than `limit`.

    An IPv6 address counts as its network of 64 bits: whoever has one address of it has all of them.
    """
    return _limiter.hit(RateLimitItemPerSecond(limit, window_seconds, namespace=scope), _counted(key), cost=times)


def _counted(key: str) -> str:
    if ":" not in key:
        return key
    try:
        address = ipaddress.IPv6Address(key.partition("%")[0])
    except ValueError:
        return key
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)


def forget() -> None:
    """Empties all windows (a fresh process)."""
    _limiter.storage.reset()
