"""A small world in which everything official has happened once: content, hours, an exam, a certificate, and their seals."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff as Worker
from lms.accounts.service import identity
from lms.audit import service as audit
from lms.certificates import service as certificates
from lms.certificates.models import CertificateRow
from lms.exams import service as exams
from lms.exams.domain.attempts import SaveKey
from lms.hours import service as hours
from lms.hours.domain.yearly import sums
from lms.hours.models import YearRecordRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.learning.events import CourseCompleted
from tests.factories import content
from tests.factories.exams import make_candidate, make_hall, right_answers
from tests.factories.people import Staff, make_person
from tests.service.audit.rare import add_rare, allow_more_time, mark_an_answer

NOW = datetime.fromisoformat("2026-11-21T02:00:00+00:00")
EXAM_AT = NOW + timedelta(hours=1)
SEAL_AT = NOW + timedelta(hours=2)
VERIFY_AT = NOW + timedelta(hours=3)
SEED = 20261121


def make_world() -> UUID:
    """Publishes two versions of a lecture, credits, takes back and credits again, passes an exam, issues. Returns a learner."""
    hall = make_hall(now=NOW)
    land = hall.land
    staff = Staff(
        land=land,
        uploader=make_person(land.unit, "许老师", grants={roles.UPLOADER: land.unit}, now=NOW),
        province_reviewer=make_person(
            land.province, "省审员", grants={roles.PROVINCE_REVIEWER: land.province}, now=NOW
        ),
        other_province_reviewer=make_person(land.other_province, "外省审员", now=NOW),
        national_reviewer=make_person(
            land.national, "全国审员", grants={roles.NATIONAL_REVIEWER: land.national}, now=NOW
        ),
        second_national_reviewer=make_person(land.national, "全国审员乙", now=NOW),
        learner=make_person(land.unit, "学员", now=NOW),
    )
    returned = content.hand_in(staff.uploader, now=NOW)
    content.send_back(returned, content.Level.PROVINCE, staff.province_reviewer, "第二题答案有误", now=NOW)
    published = content.publish(staff, now=NOW, title="劳动合同的订立")
    learner_id = staff.learner.person_id
    entry_id = hours.credit_course(CourseCompleted(learner_id, published.course_id, None, None, EXAM_AT, EXAM_AT))
    assert entry_id is not None
    by = {"actor_id": staff.uploader.person_id, "second_id": staff.national_reviewer.person_id}
    hours.reverse(entry_id, reason="重复计入", now=EXAM_AT, **by)
    hours.recredit(entry_id, reason="核对后恢复", now=EXAM_AT, **by)
    dispute_id = hours.file_dispute(learner_id, entry_id=entry_id, about="", text="少计了", now=EXAM_AT)
    hours.answer_dispute(
        dispute_id, by=Worker(by["second_id"], (staff.land.national.path,)), upheld=False, text="已核对", now=EXAM_AT
    )
    _year_and_targets(learner_id, staff, by["second_id"])
    candidate = make_candidate(hall, now=NOW)
    identity.vouch(candidate.person_id, actor_id=None, reason="核对过证件", now=NOW)
    opened = exams.start_or_resume(hall.exam_id, candidate.person_id, now=EXAM_AT, seed=SEED)
    allow_more_time(opened.attempt_id, by["actor_id"], by["second_id"], at=EXAM_AT)
    for position, value in right_answers(opened.attempt_id).items():
        key = SaveKey(1, position)
        exams.save_answer(opened.attempt_id, candidate.person_id, position, key, value, received_at=EXAM_AT)
    exams.submit(opened.attempt_id, candidate.person_id, now=EXAM_AT)
    add_rare(staff, learner_id, by["actor_id"], by["second_id"], at=EXAM_AT)
    mark_an_answer(hall, by["actor_id"], by["second_id"], at=EXAM_AT)
    _store_file(EXAM_AT)
    return learner_id


def _year_and_targets(learner_id: UUID, staff: Staff, decided_by: UUID) -> None:
    """The record of a year without lines, and a set of targets."""
    requirement = {"ledger": "self_study", "span": "year", "hours": 60, "categories": []}
    plan = {"title": "新计划", "first_year": 2029, "last_year": 2033, "pro_rata": True, "requirements": [requirement]}
    hours.decide_targets(plan, actor_id=decided_by, now=EXAM_AT)
    nothing = sums([], 2020, EXAM_AT)
    with unit_of_work() as session:
        session.add(
            YearRecordRow(
                id=ids.new_id(EXAM_AT),
                person_id=learner_id,
                year=2020,
                version=1,
                people=[str(learner_id)],
                category="other",
                unit_id=staff.land.unit.id,
                unit_path=staff.land.unit.path,
                target_version=0,
                self_study=0,
                self_study_required=0,
                centralized=0,
                centralized_required=0,
                entries=0,
                digest=nothing.digest,
                made_at=EXAM_AT,
            )
        )


def _store_file(at: datetime) -> None:
    with reading() as session:
        certificate_id = session.execute(select(CertificateRow.id)).scalar_one()
    file = certificates.SealedFile(sha256="5" * 64, size=1, storage_key="certificates/x.pdf", key_id="k")
    assert certificates.store_document(certificate_id, file, sealed_at=at, now=at)


def add_entries(count: int, *, at: datetime = NOW, action: str = "class.opened") -> None:
    """Entries of acts by nobody."""
    with unit_of_work() as session:
        for number in range(count):
            audit.record(
                session,
                action=action,
                object_type="class",
                object_id=str(number),
                actor_id=ids.new_id(at),
                details={"n": number, "原因": "开班"},
                now=at,
            )


def seal_in_batches(log: Path, *, batches: int = 3) -> None:
    """Seals what there is, then some more entries, each in a seal of their own."""
    audit.seal_all(log, now=SEAL_AT)
    for number in range(1, batches):
        add_entries(5, at=SEAL_AT)
        audit.seal_all(log, now=SEAL_AT + timedelta(minutes=number))
