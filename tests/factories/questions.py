"""A published item in a bank, wherever one is needed."""

from uuid import UUID

from sqlalchemy import func, select

from lms.infra.db import unit_of_work
from lms.moderation.models import RevisionRow
from lms.questionbank.models import ItemVersionRow
from tests.factories.practice import practice_item


def add_published(bank: str, kind: str) -> UUID:
    """One more item of a kind in a bank; it hangs on any revision that there is. Returns its id."""
    with unit_of_work() as session:
        revision_id = session.execute(select(RevisionRow.id).limit(1)).scalar_one()
        place = 2_000 + session.execute(select(func.count()).select_from(ItemVersionRow)).scalar_one()
        item = practice_item(bank, revision_id, place, kind, ref=f"{bank}-{place}")
        session.add(item)
        return item.id
