"""What moderation announces, inside the unit of work that changed it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

from lms.moderation.domain.workflow import State

revision_changed = signal("revision_changed")
"""Sent as revision_changed.send(None, event=RevisionChanged(...))."""


@dataclass(frozen=True)
class RevisionChanged:
    """A revision went from one state to another; `content_hash` is what was submitted last, "" before that."""

    revision_id: UUID
    kind: str
    subject_id: UUID
    old: State
    new: State
    content_hash: str
    credit_hours: int | None
    actor_id: UUID | None
    at: datetime
