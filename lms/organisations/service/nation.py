"""The units that every installation begins with: the nation, the provinces, the corps, the national industry unions."""

import tomllib
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from lms.infra.db import unit_of_work
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries
from lms.organisations.models import UnitRow
from lms.organisations.service import rules
from lms.organisations.service.founding import found
from lms.organisations.service.rules import Act

DATA = Path(__file__).parents[1] / "data" / "nation.toml"
REASON = "平台初始数据"


def build_nation(actor_id: UUID | None, now: datetime) -> queries.Unit:
    """Makes what is missing of the nation, its provinces and industry unions. Returns the national root.

    A unit is recognised by its code, so that one which was renamed is not made again.
    """
    data = tomllib.loads(DATA.read_text("utf-8"))
    act = Act(actor_id, REASON, now, EVERYWHERE)
    with unit_of_work() as session:
        rules.lock_tree(session)
        nation = queries.national(session) or found(
            session,
            None,
            name=data["national"]["name"],
            kind="national",
            code=data["national"]["code"],
            uscc=None,
            act=act,
        )
        statement = select(UnitRow.code, UnitRow.name).where(UnitRow.parent_id == nation.id)
        there = session.execute(statement).all()
        known = {row.code for row in there} | {row.name for row in there}
        for kind, listed in (("province", data["provinces"]), ("industry", data["industries"])):
            for code, name in listed.items():
                if code not in known and name not in known:
                    found(session, nation, name=name, kind=kind, code=code, uscc=None, act=act)
    return nation
