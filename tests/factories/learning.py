"""People, published courses, classes and enrolments to watch lectures with; tests and the benchmarks build on these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from flask import Flask, session as flask_session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import update

from lms.accounts import service as accounts
from lms.accounts.models import AccountRow, AuthSessionRow
from lms.accounts.service import privacy
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow, TeacherRow
from lms.classes.models import ClassCourseRow, EnrolmentRow, TrainingClassRow
from lms.hours.models import HoursRuleRow
from lms.infra.db import reading, unit_of_work
from lms.infra.hls import MASTER
from lms.infra.storage import storage
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.learning import service as watching
from lms.learning.models import LeaseRow
from lms.learning.service import OpenedLease
from lms.moderation.models import ReviewRow, RevisionRow, SubmissionRow
from lms.organisations import service as organisations
from lms.organisations.queries import Unit
from lms.questionbank import service as questionbank
from lms.video import service as video
from lms.video.models import MediaAssetRow

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HASH = "0" * 64


@dataclass(frozen=True)
class School:
    """A small world: a unit, and the people who write and review what is taught in it."""

    unit_id: UUID
    unit_path: str
    author_id: UUID
    province_reviewer_id: UUID
    national_reviewer_id: UUID
    teacher_id: UUID


@dataclass(frozen=True)
class Course:
    """A course with its lectures in order."""

    id: UUID
    lecture_ids: tuple[UUID, ...]
    asset_ids: tuple[UUID, ...]
    duration_ms: int


def add_school(*, now: datetime = NOW) -> School:
    national = organisations.add_unit(parent_id=None, name="中华全国总工会", kind="national", reach=EVERYWHERE, now=now)
    province = organisations.add_unit(
        parent_id=national.id, name="浙江省总工会", kind="province", code="33", reach=EVERYWHERE, now=now
    )
    return add_staff(
        organisations.add_unit(parent_id=province.id, name="传化集团工会", kind="unit", reach=EVERYWHERE, now=now),
        now=now,
    )


def add_staff(unit: Unit, *, now: datetime = NOW) -> School:
    """The people of a school in a unit that there is."""
    teacher_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(TeacherRow(id=teacher_id, name="李德齐", institution="中国劳动关系学院", post="教授"))
    author, one, two = (add_person(unit.id, name, now=now) for name in ("录课人", "省级审核", "全国审核"))
    return School(unit.id, unit.path, author, one, two, teacher_id)


def _username() -> str:
    """A random name without digits: eleven of them in a row would look like a mobile number."""
    return "u" + ids.new_secret_id().hex.translate(str.maketrans("0123456789", "ghijklmnop"))


def add_person(unit_id: UUID, name: str = "张三", *, now: datetime = NOW) -> UUID:
    """A person with an active account that has no usable password."""
    form = accounts.Registration(name, "female", unit_id, "主席", "13800000000", _username(), "")
    person_id = accounts.create_person(form, password_hash="!", totp_secret=None, now=now)
    privacy.accept(person_id, privacy.CURRENT_VERSION, now)
    return person_id


def add_session(person_id: UUID, *, now: datetime) -> UUID:
    """A signed-in browser's session, good for twelve hours."""
    session_id = ids.new_secret_id()
    with unit_of_work() as session:
        account = session.query(AccountRow).filter_by(person_id=person_id).one()
        session.add(
            AuthSessionRow(
                id=session_id,
                account_id=account.id,
                opened_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=12),
                address="127.0.0.1",
                browser="test",
            )
        )
    return session_id


def browser_of(app: Flask, person_id: UUID, *, now: datetime) -> tuple[FlaskClient, str]:
    """A browser in which a person is signed in, without the form and its slow hash, and the token that its pages carry."""
    session_id = add_session(person_id, now=now)
    client = app.test_client()
    with client.session_transaction() as kept, app.test_request_context():
        token = generate_csrf()
        kept.update({"_user_id": str(session_id), "_fresh": True, "csrf_token": flask_session["csrf_token"]})
    return client, str(token)


def add_course(
    school: School,
    title: str = "劳动关系与工会",
    *,
    lectures: int = 1,
    duration_ms: int = 60_000,
    published: bool = True,
    now: datetime = NOW,
) -> Course:
    """A course worth 4 学时 a lecture whose lectures passed both levels of review, or none of them."""
    questionbank.ensure_bank("C1", "劳动关系与工会", now=now)
    course_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            CourseRow(id=course_id, title=title, bank_code="C1", author_id=school.author_id, demo=False, created_at=now)
        )
        session.flush()
        session.add(
            HoursRuleRow(
                id=ids.new_id(now),
                course_id=course_id,
                version=1,
                kind="fixed",
                parameters={"hours": 400 * lectures},
                decided_by=school.national_reviewer_id,
                decided_at=now,
            )
        )
    places = range(1, lectures + 1)
    made = [_add_lecture(school, course_id, f"{title} {n}", n, duration_ms, published, now) for n in places]
    return Course(course_id, tuple(one for one, _ in made), tuple(two for _, two in made), duration_ms)


def _add_lecture(
    school: School, course_id: UUID, title: str, position: int, duration_ms: int, published: bool, now: datetime
) -> tuple[UUID, UUID]:
    lecture_id, asset_id, revision_id = (ids.new_id(now) for _ in range(3))
    storage().put_bytes(f"{video.package_key(asset_id)}/{MASTER}", b"#EXTM3U\n")
    with unit_of_work() as session:
        session.add(
            MediaAssetRow(
                id=asset_id,
                owner_id=school.author_id,
                state="ready",
                source_name="lecture.mp4",
                source_bytes=1,
                source_sha256=HASH,
                duration_ms=duration_ms,
                segment_count=1,
                package_bytes=1,
                package_sha256=HASH,
                created_at=now,
                ready_at=now,
            )
        )
        session.add(LectureRow(id=lecture_id, course_id=course_id, position=position))
        session.add(
            RevisionRow(
                id=revision_id,
                kind="lecture",
                subject_id=lecture_id,
                title=title,
                author_id=school.author_id,
                unit_path=school.unit_path,
                state="published" if published else "draft",
                created_at=now,
                changed_at=now,
            )
        )
        session.flush()
        session.add(
            LectureVersionRow(
                revision_id=revision_id,
                lecture_id=lecture_id,
                title=title,
                teacher_id=school.teacher_id,
                outline="<ul><li>劳动关系的概念</li></ul>",
                asset_id=asset_id,
                credit_hours=400,
            )
        )
    if published:
        publish(school, lecture_id, revision_id, now=now)
    return lecture_id, asset_id


def publish(school: School, lecture_id: UUID, revision_id: UUID, *, now: datetime = NOW) -> None:
    """Both approvals, and the lecture goes live."""
    submission_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            SubmissionRow(
                id=submission_id,
                revision_id=revision_id,
                round=1,
                author_id=school.author_id,
                content_hash=HASH,
                submitted_at=now,
            )
        )
        for level, reviewer_id, hours in (
            ("province", school.province_reviewer_id, None),
            ("national", school.national_reviewer_id, 400),
        ):
            session.flush()
            session.add(
                ReviewRow(
                    submission_id=submission_id,
                    level=level,
                    author_id=school.author_id,
                    reviewer_id=reviewer_id,
                    decision="approve",
                    content_hash=HASH,
                    comment="",
                    credit_hours=hours,
                    findings={},
                    decided_at=now,
                )
            )
        session.flush()
        session.execute(update(LectureRow).where(LectureRow.id == lecture_id).values(live_revision_id=revision_id))


def add_class(school: School, courses: Sequence[Course], *, phase: str = "implement", now: datetime = NOW) -> UUID:
    """A class that counts as concentrated training."""
    class_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            TrainingClassRow(
                id=class_id,
                name="全国非公企业工会主席上岗资格网络培训班",
                target_group="非公企业工会主席",
                kind="centralized",
                phase=phase,
                enrolment="open",
                starts_on=date(2026, 10, 8),
                ends_on=date(2026, 12, 31),
                certificate_name="工会干部上岗资格培训证书",
                certificate_kind="SG",
                unit_id=school.unit_id,
                demo=False,
                created_at=now,
            )
        )
        session.flush()
        for position, course in enumerate(courses, start=1):
            session.add(ClassCourseRow(class_id=class_id, course_id=course.id, position=position))
    return class_id


def add_enrolment(class_id: UUID, person_id: UUID, *, state: str = "approved", now: datetime = NOW) -> UUID:
    enrolment_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            EnrolmentRow(
                id=enrolment_id, class_id=class_id, person_id=person_id, state=state, created_at=now, changed_at=now
            )
        )
    return enrolment_id


def open_lease(
    lecture_id: UUID, person_id: UUID, *, enrolment_id: UUID | None = None, now: datetime = NOW, seed: int = 0
) -> OpenedLease:
    """A lease whose playlist was fetched as it was opened; what it draws depends on the seed."""
    opened = watching.open_lease(lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now, rng=Random(seed))
    fetch_playlist(opened.lease_id, now=now)
    return opened


def fetch_playlist(lease_id: UUID, *, now: datetime = NOW) -> None:
    """What a player does as soon as its lease is open."""
    with reading() as session:
        asset_id = session.get_one(LeaseRow, lease_id).asset_id
    watching.note_playlist(asset_id, watching.playlist_mark(lease_id), now=now)
