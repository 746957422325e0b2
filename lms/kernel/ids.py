"""Makes ids: time-ordered ones for rows, fully random ones where guessing must be hopeless."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from lms.kernel import clock


def new_id(moment: datetime | None = None) -> UUID:
    """A version-7 UUID (RFC 9562): 48 bits of milliseconds, 74 random bits, so that indexes grow at one end."""
    milliseconds = int((moment or clock.now()).timestamp() * 1000)
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def floor_of(moment: datetime) -> UUID:
    """The smallest id that new_id() makes at a moment: ids from it on were made then or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def moment_of(time_ordered: UUID) -> datetime:
    """When an id of new_id() was made, to the millisecond."""
    return datetime.fromtimestamp((time_ordered.int >> 80) / 1000, UTC)


def new_secret_id() -> UUID:
    """128 random bits in the shape of a UUID, for ids that act as a credential (leases, verification tokens)."""
    return UUID(bytes=secrets.token_bytes(16))
