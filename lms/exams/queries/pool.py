"""Reads whether what was drawn may still be drawn."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.questionbank.models import ItemVersionRow


def published(session: Session, version_ids: Iterable[UUID]) -> int:
    """How many of some versions may be drawn now."""
    return session.execute(
        select(func.count())
        .select_from(ItemVersionRow)
        .where(ItemVersionRow.id.in_(list(version_ids)), ItemVersionRow.state == "published")
    ).scalar_one()
