"""`lms certificates verify` exits 0 for a valid file of ours and for nothing else."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.certificates import queries, service, tasks
from lms.certificates.models import CertificateRow
from lms.infra import pdfsign
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import Job
from lms.infra.storage import storage
from tests.factories.certificates import NOW, Class
from tests.service.cli.conftest import Command


@pytest.fixture
def certificate(learner: UUID, training: Class) -> queries.Certificate:
    passed = service.Passed(person_id=learner, class_id=training.id, score=86)
    issued = service.issue(passed, issuer="工会干部网络培训平台", demo=True, now=NOW)
    assert isinstance(issued, UUID)
    tasks.render(Job(UUID(int=1), service.RENDER, {"certificate_id": str(issued)}, 1, 3, "test"))
    with reading() as session:
        return queries.certificate(session, issued)


@pytest.fixture
def pdf(certificate: queries.Certificate, tmp_path: Path) -> Path:
    assert certificate.document
    path = tmp_path / "证书.pdf"
    with storage().open(certificate.document.storage_key) as file:
        path.write_bytes(file.read())
    return path


def answer(lms: Command, path: object, code: int) -> dict[str, Any]:
    result = lms("certificates", "verify", path, "--json")
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert {"status", "number"} <= set(found)
    assert (found["status"] == "valid") is (code == 0)
    return found


def test_our_own_file_is_valid(lms: Command, pdf: Path, certificate: queries.Certificate) -> None:
    found = answer(lms, pdf, 0)
    assert found["number"] == certificate.number
    assert (found["name"], found["hours"], found["demo"]) == ("张*", 8, True)
    assert "张三" not in json.dumps(found, ensure_ascii=False)


def test_people_read_one_line(lms: Command, pdf: Path, certificate: queries.Certificate) -> None:
    assert lms("certificates", "verify", pdf).stdout == f"valid · 有效 · {certificate.number}\n"


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.999])
def test_one_changed_byte_is_noticed(lms: Command, pdf: Path, certificate: queries.Certificate, place: float) -> None:
    content = bytearray(pdf.read_bytes())
    content[int(len(content) * place)] ^= 1
    pdf.write_bytes(content)
    assert answer(lms, pdf, 1)["status"] == "altered"


def test_something_added_is_noticed(lms: Command, pdf: Path) -> None:
    with pdf.open("ab") as file:
        file.write(b"\n")
    assert answer(lms, pdf, 1)["status"] == "altered"


@pytest.mark.parametrize("status", ["suspended", "revoked", "superseded", "expired"])
def test_a_state_of_the_ledger_is_told(lms: Command, pdf: Path, certificate: queries.Certificate, status: str) -> None:
    with unit_of_work() as session:
        session.execute(update(CertificateRow).where(CertificateRow.id == certificate.id).values(status=status))
    assert answer(lms, pdf, 1)["status"] == status


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n",
        b"hello",
        b"%PDF-1.7\n" + bytes(range(256)) * 100,
        b"%PDF" + b"x" * (pdfsign.MAX_FILE_BYTES + 9),
    ],
    ids=["empty", "begun", "text", "noise", "too large"],
)
def test_a_strangers_file_is_unknown(lms: Command, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    assert answer(lms, path, 1) == {"status": "unknown", "number": None}


def test_a_file_that_cannot_be_read_is_unknown(lms: Command, tmp_path: Path) -> None:
    for path in (tmp_path / "none.pdf", tmp_path):
        assert answer(lms, path, 1)["problem"]


def test_without_settings_one_line_says_so(lms: Command, tmp_path: Path) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(b"x")
    result = lms("certificates", "verify", path, "--home", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert result.output == f"Error: no demo is set up in {tmp_path / 'nowhere'}\n"


def test_missing_roots_are_told_in_one_line(lms: Command, pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfsign, "read_roots", lambda _path: ())
    result = lms("certificates", "verify", pdf, "--json")
    assert result.exit_code == 1
    assert "roots.pem" in result.stderr and len(result.stderr.splitlines()) == 1
