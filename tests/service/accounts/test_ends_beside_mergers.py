"""Who closes their account, or turns out to be somebody else, while a union is merged that they belong to or are to belong to,
belongs to no union afterwards.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.service import closing, joining, memberships
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.people import NOW, make_land, make_person
from tests.factories.together import crossing, pausing_first

pytestmark = pytest.mark.postgres
THEN = NOW + timedelta(days=10)


@pytest.mark.parametrize("first", ["the merger", "the end"])
@pytest.mark.parametrize("how", ["closed", "joined"])
@pytest.mark.parametrize("place", ["planned", "beside"])
def test_nobody_who_is_gone_belongs_to_the_unit_that_a_merger_named(
    clean: Flask, monkeypatch: pytest.MonkeyPatch, place: str, how: str, first: str
) -> None:
    land = make_land()
    one, other, by = (
        Staff(make_person(land.national, name).person_id, EVERYWHERE, lambda *_: True) for name in "甲乙丙"
    )
    merged, into = (
        organisations.add_unit(parent_id=land.province.id, name=name, kind="unit", reach=EVERYWHERE, now=NOW)
        for name in ("宁波某公司工会", "绍兴某公司工会")
    )
    kept, gone = (make_person(land.other_unit, "王一").person_id for _ in range(2))
    if place == "planned":
        memberships.move(gone, merged.id, from_on=THEN.date(), by=by, reason="调动", now=NOW)
    else:
        memberships.add_secondary(gone, merged.id, from_on=NOW.date(), by=by, reason="兼任", now=NOW)
    ends = partial(closing.close, gone, now=NOW)
    if how == "joined":
        ends = partial(
            joining.confirm, joining.propose(kept, gone, by=one, reason="同一人", now=NOW), by=other, now=NOW
        )
    merges = partial(organisations.merge, merged.id, into.id, organisations.Act(None, "合并", NOW, reach=EVERYWHERE))
    both = (merges, ends) if first == "the merger" else (ends, merges)
    name = "standing_memberships_of_unit" if first == "the merger" else "open_primary"
    reached = threading.Event()
    monkeypatch.setattr(memberships.queries, name, pausing_first(getattr(memberships.queries, name), reached))
    found = crossing(*both, reached)
    assert not any(isinstance(one, Exception) for one in found), found
    memberships.settle(now=THEN)
    with reading() as session:
        stays = [one for one in queries.memberships_of(session, gone) if one.until_on is None]
        listed = queries.person(session, gone).unit_id
    assert not stays
    assert listed == land.other_unit.id
