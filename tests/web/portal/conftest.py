"""A class of three published courses with an exam, people in it and around it, and their browsers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.catalogue import service as authoring
from lms.catalogue.queries import LectureVersion
from lms.classes import service as classes
from lms.classes.service import ClassPlan
from lms.exams import service as exams
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.learning import service as learning
from tests.factories import content
from tests.factories.exams import standard_blueprint
from tests.factories.people import NOW, Staff, make_staff, signed_in

TODAY = NOW + timedelta(days=1)
TITLES = ("劳动关系与工会", "工资集体协商", "劳动争议调解仲裁法")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff()


@dataclass(frozen=True)
class School:
    """A running class and what it teaches."""

    staff: Staff
    class_id: UUID
    lectures: tuple[LectureVersion, ...]

    @property
    def learner_id(self) -> UUID:
        return self.staff.learner.person_id

    @property
    def path(self) -> str:
        return f"/classes/{self.class_id}"

    def add_class(self, name: str, *, enrolment: str = "open", phase: str = "implement") -> UUID:
        """A further class of the same courses, without an exam."""
        return add_class(self.staff, self.lectures, name, enrolment=enrolment, phase=phase)

    def enrol(self, class_id: UUID | None = None, *, after: timedelta = timedelta()) -> UUID:
        return classes.enrol(class_id or self.class_id, self.learner_id, now=NOW + after)

    def finish(self, *places: int) -> None:
        """The learner watches the courses at these places of the class, from 1."""
        for place in places:
            learning.import_progress(self.learner_id, self.lectures[place - 1].lecture_id, enrolment_id=None, now=TODAY)

    def suspend(self, place: int) -> None:
        authoring.suspend(
            self.lectures[place - 1].revision_id, actor=self.staff.national_reviewer, reason="引文有误", now=TODAY
        )


def add_class(
    staff: Staff, lectures: tuple[LectureVersion, ...], name: str, *, enrolment: str = "open", phase: str = "implement"
) -> UUID:
    plan = ClassPlan(
        name=name,
        target_group="非公企业工会主席",
        kind="centralized",
        enrolment=enrolment,
        starts_on=date(2026, 10, 8),
        ends_on=date(2026, 12, 31),
        certificate_name="工会干部上岗资格培训证书",
        certificate_kind="SG",
        unit_id=staff.land.national.id,
        course_ids=tuple(lecture.course_id for lecture in lectures),
        demo=False,
    )
    class_id = classes.create_class(plan, actor_id=staff.national_reviewer.person_id, now=NOW)
    for step in classes.PHASES[1 : classes.PHASES.index(phase) + 1]:
        classes.advance_phase(class_id, step, actor_id=staff.national_reviewer.person_id, now=NOW)
    return class_id


@pytest.fixture
def school(staff: Staff) -> School:
    lectures = tuple(
        content.publish(staff, title=title, now=NOW + timedelta(hours=hour)) for hour, title in enumerate(TITLES)
    )
    class_id = add_class(staff, lectures, "全国非公企业工会主席上岗资格网络培训班")
    banks = [lecture.bank_code for lecture in lectures]
    exams.create_exam(class_id, "结业考试", standard_blueprint(banks), actor_id=None, now=NOW)
    return School(staff, class_id, lectures)


Browser = Callable[[Principal], FlaskClient]


@pytest.fixture
def browse(clean: Flask) -> Browser:
    """A function that gives a browser in which a person is signed in."""
    return lambda person: signed_in(clean, person)


@pytest.fixture
def learner(staff: Staff, browse: Browser) -> FlaskClient:
    return browse(staff.learner)
