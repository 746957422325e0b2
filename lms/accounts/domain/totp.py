"""Codes of the second factor: which half-minute a code belongs to, and whether it was used (RFC 6238, section 5.2)."""

import base64
import hmac
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
_BESIDE = 1  # clocks of phones run a little early or late


def code_at(secret: str, step: int) -> str:
    """The code of a base-32 secret in a 30-second step (RFC 4226, section 5.3)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The 30-second step whose code this is, later than the step `after`; None when it is the code of none."""
    current = int(now.timestamp()) // STEP_SECONDS
    for step in range(current - _BESIDE, current + _BESIDE + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None
