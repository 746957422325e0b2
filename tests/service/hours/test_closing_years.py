"""A closed year is an official record with the hash of the lines that it sums. Invariant 9, requirement 12."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.hours import service, tasks
from lms.hours.models import YearRecordRow
from lms.hours.queries.records import broken_records
from lms.infra import db
from lms.infra.db import reading
from lms.organisations import queries as organisations
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.learning import NOW, Course, School
from tests.service.hours.ledger import credited

JANUARY = datetime(2027, 1, 11, 1, tzinfo=UTC)


def records(person_id: UUID) -> list[YearRecordRow]:
    with reading() as session:
        found = list(
            session.execute(
                select(YearRecordRow).where(YearRecordRow.person_id == person_id).order_by(YearRecordRow.version)
            ).scalars()
        )
        session.expunge_all()
        return found


def close(now: datetime = JANUARY) -> int:
    return service.close_year(2026, settle_days=10, now=now)


def test_everybody_gets_a_record_also_who_earned_nothing(school: School, course: Course, learner: UUID) -> None:
    credited(course, learner)
    idle = learning.add_person(school.unit_id, "李四")
    assert close() == 5  # three of the school's staff too
    assert close() == 0
    (mine,), (other,) = records(learner), records(idle)
    assert (mine.self_study, mine.self_study_required, mine.entries, mine.version) == (400, 5000, 1, 1)
    assert (other.self_study, other.entries) == (0, 0)
    assert (mine.unit_path, mine.category, mine.target_version) == (school.unit_path, "other", 1)
    assert mine.digest != other.digest


def test_a_year_stays_open_until_it_has_settled(learner: UUID) -> None:
    for early in (NOW, JANUARY - timedelta(days=1)):
        with pytest.raises(service.YearStillOpen):
            close(early)
    assert close() > 0


def test_a_later_correction_makes_the_next_version_and_both_stay_provable(
    school: School, course: Course, learner: UUID, tmp_path: Path
) -> None:
    entry = credited(course, learner)
    close()
    told = {"actor_id": school.author_id, "second_id": school.national_reviewer_id, "reason": "误计"}
    service.reverse(entry, now=JANUARY + timedelta(days=2), **told)
    later = JANUARY + timedelta(days=3)
    assert service.follow_corrections(settle_days=10, now=later) == 1
    assert service.follow_corrections(settle_days=10, now=later) == 0
    assert [(one.version, one.self_study, one.entries) for one in records(learner)] == [(1, 400, 1), (2, 0, 2)]
    report = audit.verify(tmp_path / "seals.log", now=later)
    assert report.checked["years"] == 5 and not [one for one in report.findings if one.source == "hours_year_record"]


def test_a_line_that_was_slipped_in_is_found(course: Course, learner: UUID, school: School) -> None:
    close()
    credited(course, learner)  # with the time of November, after the year was closed
    assert sum(one is not None for one in tasks._years(reading().__enter__())) == 1


@pytest.mark.parametrize("change", ["UPDATE hours_year_record SET self_study = 9900", "DELETE FROM hours_year_record"])
def test_a_record_is_never_changed(learner: UUID, change: str) -> None:
    close()
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(change))


def join(kept_id: UUID, gone_id: UUID, now: datetime) -> None:
    with reading() as session:
        root = organisations.national(session)
    assert root
    join_by_two(kept_id, gone_id, by=at_work(make_admin(root), root), reason="同一人", now=now)


def test_who_came_back_under_a_new_account_before_the_year_was_closed_has_a_record(
    school: School, course: Course, learner: UUID
) -> None:
    credited(course, learner)
    fresh = learning.add_person(school.unit_id, "张三", now=JANUARY - timedelta(days=6))
    join(fresh, learner, JANUARY - timedelta(days=5))
    assert close() > 0
    (record,) = records(fresh)
    assert (record.self_study, record.people) == (400, [str(fresh), str(learner)])


@pytest.mark.parametrize("fresh", [True, False], ids=["an account of the new year", "an older one"])
def test_the_record_follows_two_accounts_that_are_joined_later(
    school: School, course: Course, learner: UUID, fresh: bool
) -> None:
    credited(course, learner)
    kept = learning.add_person(school.unit_id, "张三", now=JANUARY - timedelta(days=6) if fresh else NOW)
    close()
    join(kept, learner, JANUARY + timedelta(days=1))
    service.follow_corrections(settle_days=10, now=JANUARY + timedelta(days=2))
    assert [(one.version, one.self_study) for one in records(kept)][-1] == (1 if fresh else 2, 400)
    assert service.follow_corrections(settle_days=10, now=JANUARY + timedelta(days=3)) == 0
    with reading() as session:
        assert all(sound for _id, sound in broken_records(session))


def test_what_changed_while_nothing_ran_is_followed_when_it_is_asked_for(
    school: School, course: Course, learner: UUID
) -> None:
    entry = credited(course, learner)
    close()
    by = {"actor_id": school.author_id, "second_id": school.national_reviewer_id}
    service.reverse(entry, reason="误计", now=JANUARY + timedelta(days=1), **by)
    late = JANUARY + timedelta(days=30)
    assert service.follow_corrections(settle_days=10, now=late) == 0
    assert service.follow_corrections(settle_days=10, since=datetime(2027, 1, 1, tzinfo=UTC), now=late) == 1
    assert records(learner)[-1].self_study == 0
