"""A learner of a province who is enrolled in a class of two courses and has completed both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from flask import Flask

from lms.accounts import service as accounts
from lms.accounts.service import identity, privacy
from lms.catalogue.models import CourseRow
from lms.classes.models import ClassCourseRow, EnrolmentRow, TrainingClassRow
from lms.hours import queries as hours
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.learning.models import CourseCompletionRow
from lms.organisations import queries as organisations, service as units
from lms.questionbank.models import BankRow

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HOURS = 400


@dataclass(frozen=True)
class Class:
    """A class with its two courses."""

    id: UUID
    course_ids: tuple[UUID, UUID]


@dataclass(frozen=True)
class Land:
    """The nation, a province and a unit in it."""

    national: organisations.Unit
    province: organisations.Unit
    unit: organisations.Unit


@pytest.fixture
def land(clean: Flask) -> Land:
    national = units.add_unit(parent_id=None, name="中华全国总工会", kind="national", reach=EVERYWHERE, now=NOW)
    province = units.add_unit(
        parent_id=national.id, name="浙江省总工会", kind="province", code="33", reach=EVERYWHERE, now=NOW
    )
    unit = units.add_unit(parent_id=province.id, name="某某公司工会", kind="unit", reach=EVERYWHERE, now=NOW)
    return Land(national, province, unit)


LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""User names of test people never look like numbers."""
MakePerson = Callable[..., UUID]


@pytest.fixture
def make_person(land: Land) -> MakePerson:
    def make(name: str = "张三", *, unit: organisations.Unit | None = None) -> UUID:
        home = (unit or land.unit).id
        form = accounts.Registration(
            name, "male", home, "主席", "13800000000", f"u{ids.new_secret_id().hex.translate(LETTERS)}", ""
        )
        person_id = accounts.create_person(form, password_hash="!", totp_secret=None, now=NOW)
        privacy.accept(person_id, privacy.CURRENT_VERSION, NOW)
        identity.vouch(person_id, actor_id=None, reason="test", now=NOW)
        return person_id

    return make


@pytest.fixture
def training(land: Land, make_person: MakePerson) -> Class:
    author = make_person("李德齐")
    class_id, courses = ids.new_id(NOW), (ids.new_id(NOW), ids.new_id(NOW))
    with unit_of_work() as session:
        session.add(
            TrainingClassRow(
                id=class_id,
                name="全国非公企业工会主席上岗资格网络培训班",
                target_group="非公企业工会主席",
                kind="centralized",
                phase="implement",
                enrolment="open",
                starts_on=date(2026, 10, 8),
                ends_on=date(2026, 12, 31),
                certificate_name="工会干部上岗资格培训证书",
                certificate_kind="SG",
                unit_id=land.national.id,
                demo=False,
                created_at=NOW,
            )
        )
        session.add(BankRow(code="C1", title="劳动关系与工会", created_at=NOW))
        session.flush()
        for position, course_id in enumerate(courses, start=1):
            session.add(
                CourseRow(
                    id=course_id, title=f"课程{position}", bank_code="C1", author_id=author, demo=False, created_at=NOW
                )
            )
            session.flush()
            session.add(ClassCourseRow(class_id=class_id, course_id=course_id, position=position))
            session.add(
                HoursRuleRow(
                    id=ids.new_id(NOW),
                    course_id=course_id,
                    version=1,
                    kind="fixed",
                    parameters={"hours": HOURS},
                    decided_by=author,
                    decided_at=NOW,
                )
            )
    return Class(class_id, courses)


@pytest.fixture
def make_learner(training: Class, make_person: MakePerson, land: Land) -> MakePerson:
    def make(
        name: str = "张三", *, state: str = "approved", done: int = 2, unit: organisations.Unit | None = None
    ) -> UUID:
        person_id = make_person(name, unit=unit)
        with unit_of_work() as session:
            session.add(
                EnrolmentRow(
                    id=ids.new_id(NOW),
                    class_id=training.id,
                    person_id=person_id,
                    state=state,
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
            for course_id in training.course_ids[:done]:
                session.add(
                    CourseCompletionRow(id=ids.new_id(NOW), person_id=person_id, course_id=course_id, completed_at=NOW)
                )
                rule = hours.newest_rule(session, course_id)
                assert rule is not None
                session.add(
                    CreditEntryRow(
                        id=ids.new_id(NOW),
                        person_id=person_id,
                        ledger="centralized",
                        source="course",
                        source_id=course_id,
                        title="课程",
                        hours=HOURS,
                        rule_id=rule.id,
                        earned_at=NOW,
                        count_year=NOW.year,
                        unit_id=(unit or land.unit).id,
                        unit_path=(unit or land.unit).path,
                    )
                )
        return person_id

    return make


@pytest.fixture
def learner(make_learner: MakePerson) -> UUID:
    return make_learner()
