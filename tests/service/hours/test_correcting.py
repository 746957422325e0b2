"""A line is never changed: it is taken back by another line, and what was taken back may be credited again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.hours import queries, service
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from tests.factories.learning import NOW, Course, School
from tests.factories.together import at_once
from tests.service.hours.ledger import add_rule, complete, credited, lines

NEXT_YEAR = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def entry(course: Course, learner: UUID) -> UUID:
    return credited(course, learner)


def take_back(school: School, entry_id: UUID, *, reason: str = "误计", now: datetime = NEXT_YEAR) -> UUID:
    return service.reverse(
        entry_id, actor_id=school.national_reviewer_id, second_id=school.author_id, reason=reason, now=now
    )


def credit_again(school: School, entry_id: UUID, *, reason: str = "冲正有误", now: datetime = NEXT_YEAR) -> UUID:
    return service.recredit(
        entry_id, actor_id=school.national_reviewer_id, second_id=school.author_id, reason=reason, now=now
    )


def earned(person_id: UUID, year: int = 2026) -> int:
    with reading() as session:
        return queries.year_of(session, person_id, year).self_study.earned


def test_a_reversal_takes_the_hours_out_of_the_year_that_they_counted_in(
    school: School, learner: UUID, entry: UUID
) -> None:
    reversal_id = take_back(school, entry, reason=" 误计 ")
    assert (earned(learner), earned(learner, 2027)) == (0, 0)
    credit, reversal = lines(learner)
    assert (credit.id, credit.hours) == (entry, 400)
    assert (reversal.id, reversal.hours, reversal.reversal_of) == (reversal_id, -400, entry)
    assert (reversal.reason, reversal.actor_id) == ("误计", school.national_reviewer_id)
    same = ("ledger", "source_id", "title", "rule_id", "count_year", "round", "unit_id", "unit_path")
    assert [getattr(reversal, name) for name in same] == [getattr(credit, name) for name in same]
    with reading() as session:
        assert sum(queries.year_of(session, learner, 2026).months) == 0


def test_a_line_is_taken_back_once_and_a_reversal_never(school: School, learner: UUID, entry: UUID) -> None:
    reversal_id = take_back(school, entry)
    for again in (entry, reversal_id):
        with pytest.raises(service.AlreadyReversed):
            take_back(school, again)
    assert len(lines(learner)) == 2


def test_two_people_who_take_it_back_at_once_take_it_back_once(school: School, learner: UUID, entry: UUID) -> None:
    results = at_once(lambda: take_back(school, entry), lambda: take_back(school, entry))
    assert sorted(isinstance(result, UUID) for result in results) == [False, True]
    assert sorted(line.hours for line in lines(learner)) == [-400, 400]


def test_what_was_taken_back_is_credited_again_by_the_rule_of_today_where_it_was_earned(
    school: School, course: Course, learner: UUID, entry: UUID
) -> None:
    take_back(school, entry)
    rule_id = add_rule(school, course, 2, "fixed", hours=300)
    again = credit_again(school, entry)
    line = next(line for line in lines(learner) if line.id == again)
    assert (line.round, line.hours, line.rule_id, line.reversal_of) == (1, 300, rule_id, None)
    assert (line.earned_at, line.count_year, line.unit_path) == (NOW, 2026, school.unit_path)
    assert earned(learner) == 300
    with reading() as session:
        assert queries.year_of(session, learner, 2026).months[10] == 300


def test_each_further_round_needs_a_reversal_first(school: School, learner: UUID, entry: UUID) -> None:
    take_back(school, entry)
    second = credit_again(school, entry)
    with pytest.raises(service.StillCounts):
        credit_again(school, entry)
    take_back(school, second)
    credit_again(school, entry)
    assert [line.round for line in lines(learner) if line.reversal_of is None] == [0, 1, 2]
    assert earned(learner) == 400


def test_two_people_who_credit_it_again_at_once_credit_it_once(school: School, learner: UUID, entry: UUID) -> None:
    take_back(school, entry)
    results = at_once(lambda: credit_again(school, entry), lambda: credit_again(school, entry))
    assert sorted(isinstance(result, UUID) for result in results) == [False, True]
    assert earned(learner) == 400


def test_what_stands_is_not_credited_again_and_a_reversal_is_nothing_to_credit(school: School, entry: UUID) -> None:
    with pytest.raises(service.StillCounts):
        credit_again(school, entry)
    reversal_id = take_back(school, entry)
    with pytest.raises(service.StillCounts):
        credit_again(school, reversal_id)


def test_completing_again_after_a_reversal_opens_a_round(
    school: School, course: Course, learner: UUID, entry: UUID
) -> None:
    take_back(school, entry)
    assert complete(course, learner, at=NOW + timedelta(days=1)) is not None
    assert [line.round for line in lines(learner) if line.reversal_of is None] == [0, 1]


def test_both_corrections_need_a_reason_and_an_entry(school: School, learner: UUID, entry: UUID) -> None:
    for correct in (take_back, credit_again):
        with pytest.raises(Invalid) as refused:
            correct(school, entry, reason="  ")
        assert set(refused.value.fields) == {"reason"}
        with pytest.raises(NotFound):
            correct(school, ids.new_id(NOW))
    assert len(lines(learner)) == 1


def test_the_audit_keeps_who_corrected_what_and_why(school: School, entry: UUID) -> None:
    take_back(school, entry, reason="误计")
    credit_again(school, entry, reason="冲正有误")
    with reading() as session:
        kept = session.execute(
            select(AuditEntryRow.action, AuditEntryRow.actor_id, AuditEntryRow.details).where(
                AuditEntryRow.object_type == "credit_entry"
            )
        ).all()
    who = school.national_reviewer_id
    told = {row[0]: (row[1], row[2]["reason"], row[2].get("second")) for row in kept}
    assert told == {
        "hours.reversal_proposed": (who, "误计", None),
        "hours.reversed": (who, "误计", str(school.author_id)),
        "hours.recredit_proposed": (who, "冲正有误", None),
        "hours.recredited": (who, "冲正有误", str(school.author_id)),
    }
