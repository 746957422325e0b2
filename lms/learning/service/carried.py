"""What a page carries from beat to beat: the two rows as its last beat left them, so that the next beat need not read them.

It is a hint that the database checks, never a claim: the write holds only while both rows are the very versions that it tells
of, and is else decided anew on what is read. It is sealed, for it tells when the next presence check is due.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from lms.infra import crypto
from lms.learning.service.rows import Change, Playing

LONGEST = 4096  # characters; a record in hundreds of pieces is read as before
LIVES = timedelta(minutes=2)
"""A page that plays beats every 15 seconds. Old ones are dropped, for a database that was restored counts its versions again."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[datetime, Playing]).decode


def sealed(row: Playing, change: Change, seen: tuple[str | int, str | int], *, now: datetime) -> str | None:
    """The rows after `change`, for the page of this lease."""
    token = crypto.seal(_encode((now, row.after(change, seen))), _place(row.id))
    return token if len(token) <= LONGEST else None


def opened(lease_id: UUID, token: str | None, *, now: datetime) -> Playing | None:
    """What the page carried; None when it carried nothing that is of this lease and fresh."""
    if token is None:
        return None
    try:
        sealed_at, row = _decode(crypto.unseal(token, _place(lease_id)))
    except (crypto.CryptoFault, msgspec.DecodeError):
        return None
    return row if timedelta() <= now - sealed_at <= LIVES else None


def _place(lease_id: UUID) -> str:
    return f"watch_lease.carry:{lease_id.hex}"
