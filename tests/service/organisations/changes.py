"""Short words for changes of the tree."""

from datetime import UTC, date, datetime
from uuid import UUID

from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
"""The 22nd in Shanghai."""


def act(*, reason: str = "测试", effective_on: date | None = None, seen: UUID | bool | None = False) -> service.Act:
    """Somebody's decision."""
    return service.Act(None, reason, NOW, EVERYWHERE, effective_on, seen)


ACT = act()


def add(parent: Unit, name: str, kind: str = "unit", *, uscc: str | None = None) -> Unit:
    """A unit below another one."""
    return service.add_unit(parent_id=parent.id, name=name, kind=kind, uscc=uscc, reach=EVERYWHERE, now=NOW)


def now_of(unit: Unit) -> Unit:
    """The unit as it is now."""
    with reading() as session:
        return queries.unit(session, unit.id)
