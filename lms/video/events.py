"""What video announces, inside the unit of work that changed it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

playlist_fetched = signal("playlist_fetched")
"""Sent with asset_id=…, mark=… and at=…, outside any unit of work: a player fetched the master playlist under that mark."""
asset_ready = signal("asset_ready")
asset_refused = signal("asset_refused")
"""The two are sent with event=AssetChanged(...)."""


@dataclass(frozen=True)
class AssetChanged:
    """An asset can be played, or can't enter or be encoded; `reason` is a Chinese source sentence, "" when ready."""

    asset_id: UUID
    reason: str
    at: datetime
