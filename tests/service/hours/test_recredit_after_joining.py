"""Hours of a joined account are not credited again beside those of the account that stays."""

from uuid import UUID

import pytest

from lms.hours import queries, service
from lms.hours.service import Correction
from lms.infra.db import reading
from tests.factories import learning
from tests.factories.joining import as_one
from tests.factories.learning import NOW, Course, School
from tests.service.hours.ledger import credited
from tests.service.hours.test_two_persons import other, proposed


def total(person_id: UUID) -> int:
    with reading() as session:
        return sum(one.hours for one in queries.entries_of(session, person_id))


@pytest.fixture
def accounts(school: School) -> tuple[UUID, UUID]:
    return learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")


def test_one_that_waits_while_accounts_are_joined(school: School, course: Course, accounts: tuple[UUID, UUID]) -> None:
    kept, gone = accounts
    credited(course, kept)
    entry = credited(course, gone)
    service.confirm(proposed(school, entry), by=other(school), comment="属实", now=NOW)
    waiting = proposed(school, entry, Correction.RECREDIT)
    as_one(kept, gone)
    with pytest.raises(service.StillCounts):
        service.confirm(waiting, by=other(school), comment="属实", now=NOW)
    assert total(kept) == 400


def test_of_two_lines_of_one_course_one(school: School, course: Course, accounts: tuple[UUID, UUID]) -> None:
    kept, gone = accounts
    mine, theirs = credited(course, kept), credited(course, gone)
    for entry in (mine, theirs):
        service.confirm(proposed(school, entry), by=other(school), comment="属实", now=NOW)
    as_one(kept, gone)
    first, second = (proposed(school, entry, Correction.RECREDIT) for entry in (mine, theirs))
    service.confirm(first, by=other(school), comment="属实", now=NOW)
    with pytest.raises(service.StillCounts):
        service.confirm(second, by=other(school), comment="属实", now=NOW)
    assert total(kept) == 400
