"""Issue: one certificate per learner and class, numbers without gaps, facts that stand."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError

from lms.accounts.models import PersonRow
from lms.certificates import queries, service
from lms.certificates.domain.eligibility import Checklist, Need
from lms.certificates.domain.numbers import parse
from lms.certificates.domain.status import Status
from lms.certificates.models import CertificateCounterRow, CertificateEventRow, CertificateRow
from lms.classes import queries as classes
from lms.infra import jobs
from lms.infra.db import reading, unit_of_work
from tests.factories.certificates import NOW, Class, Land, MakePerson


def issue(person_id: UUID, training: Class, *, score: int = 86) -> UUID | Checklist:
    passed = service.Passed(person_id=person_id, class_id=training.id, score=score)
    return service.issue(passed, issuer="工会干部网络培训平台", demo=False, now=NOW)


def issued(person_id: UUID, training: Class) -> queries.Certificate:
    found = issue(person_id, training)
    assert isinstance(found, UUID)
    with reading() as session:
        return queries.certificate(session, found)


def test_a_certificate_is_issued_with_number_facts_and_a_job(learner: UUID, training: Class) -> None:
    certificate = issued(learner, training)
    facts = certificate.facts
    assert certificate.number == "33-2026-SG-000001-0"
    assert (certificate.status, certificate.version, certificate.document) == (Status.ISSUING, 1, None)
    assert (facts.name, facts.sex, facts.workplace) == ("张三", "男", "某某公司工会 主席")
    assert (facts.title, facts.class_name) == ("工会干部上岗资格培训证书", "全国非公企业工会主席上岗资格网络培训班")
    assert (facts.result, facts.issuer, facts.reviewer) == ("合格（86分）", "工会干部网络培训平台", "浙江省总工会")
    assert (facts.issued_on.isoformat(), facts.hours) == ("2026-11-21", 800)
    with reading() as session:
        state = jobs.state_of(session, service.RENDER, str(certificate.id))
        enrolment = classes.enrolment(session, training.id, learner)
    assert state is not None
    assert state.state == "queued"
    assert enrolment is not None
    assert enrolment.state == "completed"


def test_asking_again_gives_the_same_certificate(learner: UUID, training: Class) -> None:
    assert issue(learner, training) == issue(learner, training, score=100)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(CertificateRow)).scalar() == 1


@pytest.mark.parametrize(
    ("state", "done", "need"),
    [("pending", 2, Need.ENROLMENT), ("withdrawn", 2, Need.ENROLMENT), ("approved", 1, Need.COURSES)],
)
def test_an_unmet_condition_is_told_and_nothing_is_written(
    make_learner: MakePerson, training: Class, state: str, done: int, need: Need
) -> None:
    answer = issue(make_learner(state=state, done=done), training)
    assert isinstance(answer, Checklist)
    assert answer.unmet == (need,)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(CertificateRow)).scalar() == 0
        assert session.execute(select(func.count()).select_from(CertificateCounterRow)).scalar() == 0


def test_numbers_leave_no_gap_when_issue_is_rolled_back(make_learner: MakePerson, training: Class) -> None:
    first, second, third = (make_learner(name) for name in ("甲", "乙", "丙"))
    issue(first, training)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        issue(second, training)
        raise ZeroDivisionError
    assert parse(issued(third, training).number).serial == 2


def test_each_province_counts_for_itself_and_members_of_the_national_union_count_under_00(
    make_learner: MakePerson, training: Class, land: Land
) -> None:
    numbers = [issued(make_learner(unit=unit), training).number for unit in (land.unit, land.national, land.province)]
    assert [number[:17] for number in numbers] == ["33-2026-SG-000001", "00-2026-SG-000001", "33-2026-SG-000002"]


def test_twenty_requests_at_once_make_one_certificate_each_and_no_gap(
    make_learner: MakePerson, training: Class
) -> None:
    learners = [make_learner(name) for name in ("甲", "乙", "丙", "丁")] * 5
    failures: list[BaseException] = []

    def run(person_id: UUID) -> None:
        try:
            issue(person_id, training)
        except BaseException as error:  # a thread's own error would vanish
            failures.append(error)

    threads = [threading.Thread(target=run, args=(person_id,)) for person_id in learners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as session:
        numbers = session.execute(select(CertificateRow.number)).scalars().all()
    assert sorted(parse(number).serial for number in numbers) == [1, 2, 3, 4]
    assert not failures


def test_a_changed_name_changes_no_certificate(learner: UUID, training: Class) -> None:
    before = issued(learner, training)
    with unit_of_work() as session:
        session.execute(
            update(PersonRow).where(PersonRow.id == learner).values(name="张三丰", identity_level="declared")
        )
    with reading() as session:
        assert queries.certificate(session, before.id).facts == before.facts


FILE = service.SealedFile(sha256="ab" * 32, size=9, storage_key="certificates/ab.pdf", key_id="cd" * 32)


def test_the_stored_file_makes_the_certificate_valid_once(learner: UUID, training: Class) -> None:
    certificate = issued(learner, training)
    later = NOW + timedelta(seconds=1)
    assert service.store_document(certificate.id, FILE, sealed_at=later, now=later)
    assert not service.store_document(certificate.id, FILE, sealed_at=later, now=later)
    with reading() as session:
        after = queries.certificate(session, certificate.id)
        steps = session.execute(
            select(CertificateEventRow.old, CertificateEventRow.new).order_by(CertificateEventRow.at)
        ).all()
    assert after.status is Status.VALID
    assert after.document is not None
    assert after.document.sha256 == FILE.sha256
    assert [tuple(step) for step in steps] == [(None, "issuing"), ("issuing", "valid")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET number = '33-2026-SG-000009-X'",
        "UPDATE certificate SET facts = '{}'",
        "UPDATE certificate SET status = 'expired'",
        "UPDATE certificate SET status = 'nonsense'",
        "DELETE FROM certificate",
        "UPDATE certificate_counter SET last = 7",
        "DELETE FROM certificate_counter",
        "UPDATE certificate_event SET reason = 'x'",
        "DELETE FROM certificate_event",
    ],
)
def test_the_database_refuses_what_the_service_never_does(learner: UUID, training: Class, statement: str) -> None:
    issue(learner, training)
    with pytest.raises(DatabaseError), unit_of_work() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("statement", ["UPDATE certificate_document SET size = 1", "DELETE FROM certificate_document"])
def test_documents_are_never_changed(learner: UUID, training: Class, statement: str) -> None:
    service.store_document(issued(learner, training).id, FILE, sealed_at=NOW, now=NOW)
    with pytest.raises(DatabaseError), unit_of_work() as session:
        session.execute(text(statement))
