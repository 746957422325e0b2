"""A flag goes with the person: once accounts are joined it waits with the unit of the one that stays."""

from datetime import timedelta
from uuid import UUID

import pytest

from lms.accounts.domain.reach import Staff
from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.scope import EVERYWHERE
from lms.learning.queries import flags as queries
from lms.learning.service import flags
from lms.notices import queries as messages
from lms.organisations import queries as organisations_queries, service as organisations
from tests.factories import learning
from tests.factories.joining import as_one
from tests.factories.learning import School
from tests.service.learning.test_flags import MORNING, NOW, flag_id

__all__ = ["flag_id"]


def test_the_old_unit_reads_and_decides_nothing_any_more(school: School, learner: UUID, flag_id: UUID) -> None:
    with reading() as session:
        root = organisations_queries.national(session)
    assert root
    there = organisations.add_unit(
        parent_id=root.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW
    )
    kept = learning.add_person(there.id, "张三")
    near = Staff(learning.add_person(school.unit_id, "原单位班主任"), (school.unit_path,))
    far = Staff(learning.add_person(there.id, "现单位班主任"), (there.path,))
    with reading() as session:
        assert [one.id for one in queries.waiting(session, near.scopes)] == [flag_id]
    as_one(kept, learner)
    later = MORNING + timedelta(days=1)
    flags.object_to(flag_id, person_id=kept, text="我在新单位值夜班，有证明", now=later)
    with reading() as session:
        assert not queries.waiting(session, near.scopes)
        assert [(one.id, one.unit_name) for one in queries.waiting(session, far.scopes)] == [(flag_id, there.name)]
        with pytest.raises(NotFound):
            queries.flag(session, flag_id, near.scopes)
    with pytest.raises(NotFound):
        flags.decide(flag_id, decision="propose_reversal", reason="原单位认为是脚本", by=near, now=later)
    flags.decide(flag_id, decision="no_concern", reason="已核实", by=far, now=later)
    with reading() as session:
        assert messages.page(session, kept).notices, "who was joined hears of the decision"
