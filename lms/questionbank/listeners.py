"""Follows the tree of unions: banks go where their unit goes."""

from datetime import datetime
from uuid import UUID

from lms.organisations.events import unit_merged
from lms.questionbank import service


@unit_merged.connect
def _on_unit_merged(_sender: object, gone_id: UUID, into_id: UUID, at: datetime, actor_id: UUID | None) -> None:
    service.follow_merger(gone_id, into_id)
