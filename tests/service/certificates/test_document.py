"""The worker's part: the sealed file, and what is said of files afterwards."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from lms.certificates import queries, service, tasks
from lms.certificates.domain.status import Status
from lms.certificates.domain.verification import FileStatus
from lms.certificates.models import CertificateDocumentRow
from lms.infra import pdfsign
from lms.infra.authority import AuthorityFiles
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import GiveUp, Job
from lms.infra.storage import storage
from lms.settings import Settings
from tests.factories.certificates import NOW, Class, MakePerson


def render(person_id: UUID, training: Class) -> queries.Certificate:
    """Issues and runs the job, as a worker would."""
    passed = service.Passed(person_id=person_id, class_id=training.id, score=86)
    certificate_id = service.issue(passed, issuer="工会干部网络培训平台", demo=True, now=NOW)
    tasks.render(job_of(certificate_id))
    with reading() as session:
        return queries.certificate(session, UUID(str(certificate_id)))


def job_of(certificate_id: object) -> Job:
    return Job(
        id=UUID(int=1),
        kind=service.RENDER,
        payload={"certificate_id": str(certificate_id)},
        attempt=1,
        max_attempts=3,
        owner="test",
    )


def content_of(certificate: queries.Certificate) -> bytes:
    assert certificate.document is not None
    with storage().open(certificate.document.storage_key) as file:
        return file.read()


@pytest.fixture
def certificate(learner: UUID, training: Class) -> queries.Certificate:
    return render(learner, training)


@pytest.fixture
def roots(settings: Settings, certificate: queries.Certificate) -> pdfsign.Roots:
    return pdfsign.read_roots(AuthorityFiles(settings.signing_folder).roots)


def test_the_job_makes_the_certificate_valid_and_its_file_is_ours(
    certificate: queries.Certificate, roots: pdfsign.Roots
) -> None:
    assert certificate.status is Status.VALID
    checked = service.check_file(content_of(certificate), roots)
    assert (checked.status, checked.certificate) == (FileStatus.VALID, certificate)


def test_running_the_job_again_changes_nothing(certificate: queries.Certificate) -> None:
    before = content_of(certificate)
    tasks.render(job_of(certificate.id))
    with reading() as session:
        assert queries.certificate(session, certificate.id) == certificate
    assert content_of(certificate) == before


def test_a_kill_before_the_second_transaction_is_made_good_by_the_next_run(
    learner: UUID, training: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(service, "store_document", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            render(learner, training)
    with reading() as session:
        waiting = queries.of_person(session, learner)[0]
        assert waiting.status is Status.ISSUING
    tasks.render(job_of(waiting.id))
    with reading() as session:
        assert queries.certificate(session, waiting.id).status is Status.VALID
        assert len(session.execute(select(CertificateDocumentRow.sha256)).all()) == 1


def test_a_name_that_no_font_draws_gives_up_and_the_number_stays(make_learner: MakePerson, training: Class) -> None:
    person_id = make_learner("𠮷三")
    with pytest.raises(GiveUp, match=r"U\+20BB7"):
        render(person_id, training)
    with reading() as session:
        assert queries.of_person(session, person_id)[0].status is Status.ISSUING


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (["suspended"], FileStatus.SUSPENDED),
        (["revoked"], FileStatus.REVOKED),
        (["superseded"], FileStatus.SUPERSEDED),
        (["expired"], FileStatus.EXPIRED),
        (["suspended", "valid"], FileStatus.VALID),
    ],
)
def test_the_file_answers_with_the_state_of_this_moment(
    certificate: queries.Certificate, roots: pdfsign.Roots, steps: list[str], status: FileStatus
) -> None:
    for step in steps:
        with unit_of_work() as session:
            session.execute(text("UPDATE certificate SET status = :status"), {"status": step})
    assert service.check_file(content_of(certificate), roots).status is status


def test_a_changed_file_is_altered_and_shows_the_true_certificate(
    certificate: queries.Certificate, roots: pdfsign.Roots
) -> None:
    content = content_of(certificate)
    for changed in (content + b"\n", content[:-5], content.replace(b"/Type /Sig", b"/Type /Sit")):
        checked = service.check_file(changed, roots)
        assert (checked.status, checked.certificate) == (FileStatus.ALTERED, certificate)


def test_a_number_alone_tells_that_it_is_ours_and_nothing_of_whose(
    certificate: queries.Certificate, roots: pdfsign.Roots
) -> None:
    checked = service.check_file(f"certificate {certificate.number}".encode(), roots)
    assert (checked.status, checked.certificate) == (FileStatus.ALTERED, None)
    address = f"{certificate.number} https://any.where/verify/{certificate.verify_token}".encode()
    assert service.check_file(address, roots).certificate == certificate


def test_our_seal_without_our_number_is_altered_too(certificate: queries.Certificate, roots: pdfsign.Roots) -> None:
    content = content_of(certificate)
    stripped = content.replace(certificate.number.encode(), b"0" * 19).replace(b"/verify/", b"/xxxxxx/")
    checked = service.check_file(stripped, roots)
    assert (checked.status, checked.certificate) == (FileStatus.ALTERED, None)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"33-2026-SG-000777-1", b"\x00" * 1000])
def test_a_stranger_s_file_is_unknown(certificate: queries.Certificate, roots: pdfsign.Roots, content: bytes) -> None:
    assert service.check_file(content, roots).status is FileStatus.UNKNOWN


def test_a_hash_slipped_into_the_ledger_does_not_make_a_file_valid(
    learner: UUID, training: Class, roots: pdfsign.Roots, make_learner: MakePerson
) -> None:
    passed = service.Passed(person_id=make_learner("李四"), class_id=training.id, score=60)
    certificate_id = service.issue(passed, issuer="x", demo=True, now=NOW)
    forged = b"%PDF-1.7 forged"
    file = service.SealedFile(hashlib.sha256(forged).hexdigest(), len(forged), "certificates/forged.pdf", "00" * 32)
    service.store_document(UUID(str(certificate_id)), file, sealed_at=NOW, now=NOW)
    assert service.check_file(forged, roots).status is FileStatus.ALTERED


def test_missing_roots_are_a_fault_and_not_an_accusation(certificate: queries.Certificate, tmp_path: Path) -> None:
    with pytest.raises(pdfsign.SealFault, match=r"roots\.pem"):
        service.check_file(content_of(certificate), pdfsign.read_roots(tmp_path / "roots.pem"))
