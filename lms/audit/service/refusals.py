"""Keeps a trace of who was refused: a page or an act that their roles don't open, a thing that is not theirs to see."""

from datetime import datetime
from uuid import UUID

from lms.audit.service.recording import record
from lms.infra import ratelimit
from lms.infra.db import unit_of_work

KEPT_AN_HOUR = 30
"""Of one person; more would fill the record and tell nothing new."""


def note_refusal(person_id: UUID, view: str, route: str, status: int, *, now: datetime) -> None:
    """Records that the person asked for `view` by `route` (method and address, its variables unfilled) and met 403 or 404."""
    if not ratelimit.hit("refusal-noted", str(person_id), limit=KEPT_AN_HOUR, window_seconds=3600):
        return
    with unit_of_work() as session:
        record(
            session,
            action="access.refused",
            object_type="view",
            object_id=view[:64],
            actor_id=person_id,
            result="refused",
            details={"route": route, "status": status},
            now=now,
        )
