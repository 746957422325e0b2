"""An accommodation takes two persons, neither of them the learner; the database says so too."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lms.accommodations import queries, service
from lms.accommodations.domain.measures import NOTHING, Measure
from lms.accounts.domain.reach import Staff
from lms.accounts.service.holding import OnOneself
from lms.infra.db import reading, unit_of_work
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Invalid, NotFound
from lms.notices import queries as notices
from tests.factories.accommodations import grant, proposal
from tests.factories.learning import NOW, School
from tests.factories.together import at_once

TODAY = NOW.astimezone(SHANGHAI).date()
DAY = timedelta(days=1)


def one(school: School) -> Staff:
    return Staff(school.author_id, (school.unit_path,))


def other(school: School) -> Staff:
    return Staff(school.national_reviewer_id, (school.unit_path,))


def granted(school: School, learner: UUID, wanted: service.Proposal) -> UUID:
    return grant(
        learner, wanted, path=school.unit_path, one=school.author_id, other=school.national_reviewer_id, now=NOW
    )


def measure(learner: UUID, day=TODAY) -> Measure:
    with reading() as session:
        return queries.measure(session, learner, day)


def test_a_proposal_gives_nothing_until_another_person_confirms(school: School, learner: UUID) -> None:
    waiting = service.propose(learner, proposal(150, 200), by=one(school), now=NOW)
    assert measure(learner) == NOTHING
    service.confirm(waiting, by=other(school), comment="", now=NOW)
    assert measure(learner) == Measure(150, 200)
    with reading() as session:
        assert [notice["title"] for notice in notices.all_of(session, learner)] == ["您的便利安排已批准"]


def test_who_proposed_does_not_confirm_and_nobody_grants_to_themselves(school: School, learner: UUID) -> None:
    own = Staff(learner, (school.unit_path,))
    with pytest.raises(OnOneself):
        service.propose(learner, proposal(), by=own, now=NOW)
    waiting = service.propose(learner, proposal(), by=one(school), now=NOW)
    with pytest.raises(service.SecondPerson):
        service.confirm(waiting, by=one(school), comment="", now=NOW)
    with pytest.raises(OnOneself):
        service.confirm(waiting, by=own, comment="", now=NOW)
    assert measure(learner) == NOTHING


def test_outside_the_reach_there_is_neither_person_nor_proposal(school: School, learner: UUID) -> None:
    stranger = Staff(school.province_reviewer_id, ("/elsewhere/",))
    with pytest.raises(NotFound):
        service.propose(learner, proposal(), by=stranger, now=NOW)
    waiting = service.propose(learner, proposal(), by=one(school), now=NOW)
    for act in (
        lambda: service.confirm(waiting, by=stranger, comment="", now=NOW),
        lambda: service.decline(waiting, by=stranger, comment="否", now=NOW),
        lambda: service.revoke(waiting, by=stranger, reason="否", now=NOW),
        lambda: service.withdraw(waiting, by=other(school), now=NOW),  # only who proposed
    ):
        with pytest.raises(NotFound):
            act()


def test_it_holds_on_its_days_both_included_and_the_newest_counts(school: School, learner: UUID) -> None:
    granted(school, learner, proposal(150, from_on=TODAY, until_on=TODAY + 2 * DAY))
    granted(school, learner, proposal(200, from_on=TODAY + DAY, until_on=TODAY + DAY))
    percents = [measure(learner, TODAY + days * DAY).exam_percent for days in range(-1, 4)]
    assert percents == [100, 150, 200, 150, 100]


def test_what_is_revoked_gives_nothing_any_more(school: School, learner: UUID) -> None:
    first = granted(school, learner, proposal(150))
    with pytest.raises(Invalid):
        service.revoke(first, by=one(school), reason=" ", now=NOW)
    service.revoke(first, by=one(school), reason="不再需要", now=NOW)
    assert measure(learner) == NOTHING
    with pytest.raises(service.AccommodationSettled):
        service.revoke(first, by=one(school), reason="不再需要", now=NOW)


def test_a_decline_says_why_and_one_proposal_waits_at_a_time(school: School, learner: UUID) -> None:
    waiting = service.propose(learner, proposal(), by=one(school), now=NOW)
    with pytest.raises(service.ProposedAlready):
        service.propose(learner, proposal(), by=other(school), now=NOW)
    with pytest.raises(Invalid):
        service.decline(waiting, by=other(school), comment="", now=NOW)
    service.decline(waiting, by=other(school), comment="材料不全", now=NOW)
    with pytest.raises(service.AccommodationSettled):
        service.confirm(waiting, by=other(school), comment="", now=NOW)
    assert service.withdraw(service.propose(learner, proposal(), by=one(school), now=NOW), by=one(school), now=NOW)
    with reading() as session:
        found = queries.accommodations_of(session, learner)
    assert [(line.version, line.state) for line in found] == [(2, "withdrawn"), (1, "declined")]


def test_two_who_confirm_at_once_confirm_once(school: School, learner: UUID) -> None:
    waiting = service.propose(learner, proposal(), by=one(school), now=NOW)
    third = Staff(school.province_reviewer_id, (school.unit_path,))
    results = at_once(
        lambda: service.confirm(waiting, by=other(school), comment="", now=NOW),
        lambda: service.confirm(waiting, by=third, comment="", now=NOW),
    )
    assert sum(isinstance(result, service.AccommodationSettled) for result in results) == 1


def test_a_reference_holds_no_number_of_a_person(school: School, learner: UUID) -> None:
    wanted = replace(proposal(), reference="13800138000")
    with pytest.raises(Invalid) as refused:
        service.propose(learner, wanted, by=one(school), now=NOW)
    assert set(refused.value.fields) == {"reference"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accommodation SET exam_percent = 300",
        "UPDATE accommodation SET until_on = '2030-01-01'",
        "UPDATE accommodation SET state = 'declined'",
        "UPDATE accommodation SET decided_by = proposed_by",
        "UPDATE accommodation SET state = 'revoked'",
        "DELETE FROM accommodation",
    ],
)
def test_the_database_keeps_what_was_granted(school: School, learner: UUID, statement: str) -> None:
    granted(school, learner, proposal())
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(text(statement))


def test_the_database_takes_no_confirmation_by_who_proposed(school: School, learner: UUID) -> None:
    service.propose(learner, proposal(), by=one(school), now=NOW)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(
            text("UPDATE accommodation SET state = 'confirmed', decided_by = proposed_by, decided_at = proposed_at")
        )
