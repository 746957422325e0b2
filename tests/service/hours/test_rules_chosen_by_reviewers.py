"""A reviewer lets hours follow from the length; publishing fixes the rule, and what was earned before stays. Requirements 14, 16."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.catalogue import queries as catalogue, service as reviewing
from lms.catalogue.service import NOTHING_BY_RULE
from lms.hours import queries
from lms.hours.domain.rules import Rule, RuleKind, Step
from lms.hours.queries import rules
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.learning import service as learning
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level
from tests.factories import content
from tests.factories.people import NOW, Staff, make_person, make_staff
from tests.service.hours.ledger import lines

MINUTE_MS = 60_000
LESSON = Rule(RuleKind.PER_MINUTES, 1, hours=100, minutes=45)
LADDER = Rule(RuleKind.STEP, 1, steps=(Step(0, 25), Step(15 * MINUTE_MS, 50), Step(30 * MINUTE_MS, 100)))


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff()


def handed_in(staff: Staff, minutes: int, **changes) -> UUID:
    asset_id = content.make_ready_asset(staff.uploader, duration_ms=minutes * MINUTE_MS, now=NOW)
    return content.hand_in(staff.uploader, asset_id=asset_id, now=NOW, **changes)


def approved(staff: Staff, revision_id: UUID, rule: Rule | None) -> catalogue.LectureVersion:
    content.approve(revision_id, Level.PROVINCE, staff.province_reviewer, now=NOW)
    wanted = content.approval(revision_id, Level.NATIONAL, **({"credit_hours": None} if rule else {}))
    reviewing.decide(revision_id, Level.NATIONAL, wanted, reviewer=staff.national_reviewer, rule=rule, now=NOW)
    with reading() as session:
        return catalogue.lecture_version(session, revision_id)


def held(course_id: UUID) -> Rule:
    with reading() as session:
        found = queries.newest_rule(session, course_id)
    assert found is not None
    return found.rule


def finish(person_id: UUID, *versions: catalogue.LectureVersion, after: timedelta = timedelta()) -> None:
    for version in versions:
        learning.import_progress(person_id, version.lecture_id, enrolment_id=None, now=NOW + after)


def shown_hours(course_id: UUID) -> int:
    with reading() as session:
        (card,) = catalogue.course_cards(session, [course_id])
    return card.credit_hours


@pytest.mark.parametrize(
    ("rule", "minutes", "hours"),
    [(LESSON, 45, 100), (LESSON, 32, 71), (LESSON, 90, 200), (LADDER, 10, 25), (LADDER, 15, 50), (LADDER, 31, 100)],
)
def test_what_is_shown_is_what_is_credited(staff: Staff, rule: Rule, minutes: int, hours: int) -> None:
    version = approved(staff, handed_in(staff, minutes), rule)
    assert held(version.course_id) == rule
    assert shown_hours(version.course_id) == hours
    finish(staff.learner.person_id, version)
    assert [line.hours for line in lines(staff.learner.person_id)] == [hours]


def test_each_lecture_counts_by_itself(staff: Staff) -> None:
    first = approved(staff, handed_in(staff, 32), LESSON)
    second = approved(staff, handed_in(staff, 32, course_id=first.course_id), LESSON)
    assert held(first.course_id) == LESSON  # the same rule is no new version
    assert shown_hours(first.course_id) == 142
    finish(staff.learner.person_id, first, second)
    assert [line.hours for line in lines(staff.learner.person_id)] == [142]


def test_a_later_version_does_not_change_old_entries(staff: Staff) -> None:
    first = approved(staff, handed_in(staff, 45), LESSON)
    finish(staff.learner.person_id, first)
    second = approved(staff, handed_in(staff, 45, course_id=first.course_id), None)  # the reviewer gives 4 学时
    assert held(first.course_id) == Rule(RuleKind.FIXED, 2, hours=500)
    later = make_person(staff.land.unit, "后来的学员", now=NOW)
    finish(later.person_id, first, second, after=timedelta(days=1))
    (old,) = lines(staff.learner.person_id)
    (new,) = lines(later.person_id)
    assert (old.hours, new.hours) == (100, 500)
    with reading() as session:
        assert rules.rule(session, old.rule_id).rule == LESSON


def test_a_rule_that_makes_it_worth_nothing_is_refused_and_nothing_is_decided(staff: Staff) -> None:
    revision_id = handed_in(staff, 20)
    with pytest.raises(Invalid) as refused:
        approved(staff, revision_id, Rule(RuleKind.PER_MINUTES, 1, hours=100, minutes=45, unit=100))
    assert refused.value.fields == {"rule": NOTHING_BY_RULE}
    with reading() as session:
        assert [one.level for one in moderation.reviews(session, revision_id)] == [Level.PROVINCE]
