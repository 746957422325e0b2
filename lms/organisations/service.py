"""Writes the tree of unions."""

from datetime import datetime
from uuid import UUID

from lms.infra import pinyin
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid
from lms.organisations import queries
from lms.organisations.models import RANKS, UnitRow


class WrongPlace(Invalid):
    """A unit may stand only below a unit of a higher kind."""

    code, title = "wrong_place", N_("单位只能建在上级单位之下")


def add_unit(*, parent_id: UUID | None, name: str, kind: str, code: str = "", now: datetime) -> queries.Unit:
    """Adds a unit below `parent_id` (None only for the national root). Raises WrongPlace, NotFound."""
    with unit_of_work() as session:
        parent = queries.unit(session, parent_id) if parent_id else None
        if parent and RANKS[kind] <= RANKS[parent.kind]:
            raise WrongPlace
        unit_id = ids.new_id(now)
        path = f"{parent.path if parent else '/'}{unit_id.hex[-10:]}/"
        session.add(
            UnitRow(
                id=unit_id,
                parent_id=parent_id,
                path=path,
                name=name,
                name_key=pinyin.key_of(name, limit=400),
                initials=pinyin.initials_of(name, limit=120),
                kind=kind,
                code=code,
                created_at=now,
            )
        )
        session.flush()
        return queries.unit(session, unit_id)
