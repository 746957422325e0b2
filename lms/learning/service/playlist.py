"""Notes that the playlist of a lease was fetched: before that a lease pays nothing.

The mark under which it is fetched names the lease and can't be read outside, for addresses of media end in the logs of
whoever delivers them, and the lease's id alone is the right to report beats.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from lms.infra import crypto
from lms.infra.db import reading, unit_of_work
from lms.learning.models import LeaseRow

_PLACE = "watch_lease.playlist"


def playlist_mark(lease_id: UUID) -> str:
    """What a player fetches the playlist under."""
    return crypto.encrypt(lease_id.hex, _PLACE)


def note_playlist(asset_id: UUID, mark: str, *, now: datetime) -> None:
    """Notes the first fetch, and only that writes; a mark that names no live lease on this asset says nothing."""
    try:
        lease_id = UUID(crypto.decrypt(mark, _PLACE))
    except (crypto.CryptoFault, ValueError):
        return
    which = (
        LeaseRow.id == lease_id,
        LeaseRow.asset_id == asset_id,
        LeaseRow.playlist_at.is_(None),
        LeaseRow.ended_at.is_(None),
    )
    with reading() as session:
        if session.execute(select(LeaseRow.id).where(*which)).first() is None:
            return
    with unit_of_work() as session:
        session.execute(update(LeaseRow).where(*which).values(playlist_at=now))
