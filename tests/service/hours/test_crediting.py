"""What a completed course brings: once, by the rule of that day, in the ledger of its class, for the unit of that day."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.accounts.models import PersonRow
from lms.catalogue.events import LecturePublished
from lms.catalogue.models import LectureRow
from lms.hours import queries, service
from lms.hours.domain.rules import Rule, RuleKind, Step
from lms.hours.models import HoursRuleRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.scope import EVERYWHERE
from lms.learning import service as watching
from lms.organisations import queries as organisations, service as units
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.factories.together import at_once
from tests.service.hours.ledger import add_rule, complete, credited, lines

LAST_SECOND = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Beijing


def publish(school: School, course: Course, hours: int) -> None:
    """What the catalogue announces when a lecture goes live and the course is worth `hours` hundredths."""
    with reading() as session:
        live = select(LectureRow.live_revision_id).where(LectureRow.id == course.lecture_ids[0])
        revision_id = session.execute(live).scalar_one()
    assert revision_id is not None
    service.fix_rule(
        LecturePublished(
            lecture_id=course.lecture_ids[0],
            course_id=course.id,
            asset_id=course.asset_ids[0],
            revision_id=revision_id,
            course_hours=hours,
            decided_by=school.national_reviewer_id,
            at=NOW,
        )
    )


def versions(course: Course) -> list[tuple[int, str]]:
    with reading() as session:
        rows = session.execute(
            select(HoursRuleRow.version, HoursRuleRow.kind)
            .where(HoursRuleRow.course_id == course.id)
            .order_by(HoursRuleRow.version)
        )
        return [(row[0], row[1]) for row in rows]


def rule(course: Course) -> Rule:
    with reading() as session:
        held = queries.newest_rule(session, course.id)
    assert held is not None
    return held.rule


def test_a_course_brings_its_hours_once(course: Course, learner: UUID) -> None:
    assert complete(course, learner) is not None
    assert complete(course, learner, at=NOW + timedelta(days=1)) is None
    assert [(line.hours, line.round) for line in lines(learner)] == [(400, 0)]


def test_finished_on_four_devices_at_once_it_counts_once(course: Course, learner: UUID) -> None:
    def finish() -> None:
        watching.import_progress(learner, course.lecture_ids[0], enrolment_id=None, now=NOW)

    at_once(finish, finish, finish, finish)
    assert [line.hours for line in lines(learner)] == [400]


def test_a_course_seen_again_in_a_later_year_brings_nothing(course: Course, learner: UUID) -> None:
    watching.import_progress(learner, course.lecture_ids[0], enrolment_id=None, now=NOW)
    watching.import_progress(learner, course.lecture_ids[0], enrolment_id=None, now=NOW + timedelta(days=400))
    assert [(line.hours, line.count_year) for line in lines(learner)] == [(400, 2026)]


def test_w9_the_last_second_of_the_year_counts_in_it_and_the_next_one_does_not(school: School, learner: UUID) -> None:
    old, new = learning.add_course(school, "甲"), learning.add_course(school, "乙")
    credited(old, learner, at=LAST_SECOND)
    credited(new, learner, at=LAST_SECOND + timedelta(seconds=1))
    with reading() as session:
        years = {year: queries.year_of(session, learner, year) for year in (2026, 2027)}
        assert queries.overview(session, learner, 2026).years == (2027, 2026)
    assert [entry.title for entry in years[2026].entries] == ["甲"]
    assert [entry.title for entry in years[2027].entries] == ["乙"]
    assert years[2026].self_study.remaining == 5000 - 400
    assert (years[2026].months[11], years[2027].months[0]) == (400, 400)


@pytest.mark.parametrize("kind", ["self_study", "centralized"])
def test_the_class_decides_the_ledger(school: School, course: Course, learner: UUID, kind: str) -> None:
    enrolment_id = learning.add_enrolment(learning.add_class(school, [course]), learner)
    credited(course, learner, enrolment_id=enrolment_id, class_kind=kind)
    (line,) = lines(learner)
    assert (line.ledger, line.enrolment_id) == (kind, enrolment_id)


def test_without_a_class_it_is_self_study(course: Course, learner: UUID) -> None:
    credited(course, learner)
    assert [(line.ledger, line.enrolment_id) for line in lines(learner)] == [("self_study", None)]


def test_the_line_keeps_the_unit_of_that_day(school: School, course: Course, learner: UUID) -> None:
    credited(course, learner)
    with reading() as session:
        province = organisations.province_of(session, school.unit_path)
    elsewhere = units.add_unit(parent_id=province.id, name="别处工会", kind="unit", reach=EVERYWHERE, now=NOW)
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == learner).values(unit_id=elsewhere.id))
    credited(learning.add_course(school, "后来的课程"), learner, at=NOW + timedelta(days=1))
    found = {line.title: (line.unit_id, line.unit_path) for line in lines(learner)}
    assert found == {
        "劳动关系与工会": (school.unit_id, school.unit_path),
        "后来的课程": (elsewhere.id, elsewhere.path),
    }


def test_a_course_without_a_rule_brings_an_error_and_no_line(course: Course, learner: UUID) -> None:
    nowhere = Course(learner, course.lecture_ids, course.asset_ids, course.duration_ms)
    with pytest.raises(service.NoRule):
        complete(nowhere, learner)
    assert lines(learner) == []


def test_a_new_worth_is_a_new_version_and_old_lines_keep_theirs(school: School, course: Course, learner: UUID) -> None:
    before = credited(course, learner)
    publish(school, course, 400)
    assert versions(course) == [(1, "fixed")]
    publish(school, course, 800)
    assert versions(course) == [(1, "fixed"), (2, "fixed")]
    later = learning.add_person(school.unit_id, "李四")
    credited(course, later)
    with reading() as session:
        (mine,) = queries.entries_of(session, learner)
        (theirs,) = queries.entries_of(session, later)
    assert (mine.id, mine.hours, mine.rule_version) == (before, 400, 1)
    assert (theirs.hours, theirs.rule_version) == (800, 2)


def test_a_rule_by_length_is_read_back_and_pays_by_the_media(school: School, course: Course, learner: UUID) -> None:
    add_rule(school, course, 2, "step", steps=[{"from_ms": 0, "hours": 25}, {"from_ms": 60_000, "hours": 50}])
    assert rule(course) == Rule(RuleKind.STEP, 2, steps=(Step(0, 25), Step(60_000, 50)))
    credited(course, learner)
    assert [line.hours for line in lines(learner)] == [50]


def test_a_rule_by_minutes_is_read_back(school: School, course: Course, learner: UUID) -> None:
    add_rule(school, course, 2, "per_minutes", minutes=1, hours=100, unit=50)
    assert rule(course) == Rule(RuleKind.PER_MINUTES, 2, hours=100, minutes=1, unit=50)
    credited(course, learner)
    assert [line.hours for line in lines(learner)] == [100]


def test_publishing_fixes_the_hours_even_where_a_rule_by_minutes_names_the_same_number(
    school: School, course: Course
) -> None:
    add_rule(school, course, 2, "per_minutes", minutes=45, hours=400)
    publish(school, course, 400)
    assert rule(course) == Rule(RuleKind.FIXED, 3, hours=400)


def test_what_a_person_holds_is_the_sum_over_lines(school: School, course: Course, learner: UUID) -> None:
    other = learning.add_course(school, "乙", lectures=2)
    entry = credited(course, learner)
    credited(other, learner)
    service.reverse(entry, actor_id=school.national_reviewer_id, second_id=school.author_id, reason="误计", now=NOW)
    with reading() as session:
        assert queries.hours_of_courses(session, learner, [course.id, other.id]) == 800
        assert queries.hours_of_courses(session, learner, [course.id]) == 0
        assert queries.hours_of_courses(session, learner, []) == 0
