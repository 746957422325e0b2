"""Makes the file of an issued certificate: sets the sheet, seals it, stores it, all outside any transaction but the last step."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

from lms import settings as settings_module
from lms.certificates import queries, service
from lms.certificates.domain.layout import sheet
from lms.certificates.domain.status import Status
from lms.infra import jobs, qr
from lms.infra.authority import AuthorityFiles, make_demo_authority
from lms.infra.db import reading
from lms.infra.jobs import GiveUp, Job
from lms.infra.pdfsign import Signer
from lms.infra.storage import storage
from lms.infra.typesetting import UndrawableText, typesetter
from lms.kernel import clock

REASON = "签发培训证书"
LOCATION = "中国"


@jobs.handler(service.RENDER)
def render(job: Job) -> None:
    """Runs once more, or in two workers at once, without harm: only a certificate that still waits takes a file.

    Raises GiveUp when a printed text has a character that no font draws: an administrator adds a font and runs the job again.
    """
    certificate_id = UUID(job.payload["certificate_id"])
    with reading() as session:
        certificate = queries.certificate(session, certificate_id)
    if certificate.status is Status.ISSUING:
        _make(certificate)
    with reading() as session:
        _clear_others(queries.certificate(session, certificate_id))


def _make(certificate: queries.Certificate) -> None:
    settings = settings_module.current()
    address = f"{settings.base_url.rstrip('/')}/verify/{certificate.verify_token}"
    texts = {**sheet(certificate.facts, verify_url=address), "qr": qr.svg(address)}
    try:
        plain = typesetter("certificate.typ", settings.font_dirs).pdf(texts, dated=certificate.issued_at)
    except UndrawableText as error:
        named = " ".join(f"U+{ord(character):04X}" for character in error.characters)
        raise GiveUp(f"no font draws {named}: add one to LMS_FONT_DIRS, then run the job again") from error
    signer = _signer(settings.signing_folder, demo=settings.mode != "production")
    sealed_at = clock.now()
    content = signer.sign(plain, reason=REASON, location=LOCATION, at=sealed_at)
    digest = hashlib.sha256(content).hexdigest()
    key = f"{_folder(certificate)}/{digest}.pdf"
    storage().put_bytes(key, content)
    file = service.SealedFile(sha256=digest, size=len(content), storage_key=key, key_id=signer.key_id)
    service.store_document(certificate.id, file, sealed_at=sealed_at, now=clock.now())


def _clear_others(certificate: queries.Certificate) -> None:
    """Removes the files of runs that were killed, or too late, before the ledger took theirs."""
    kept = certificate.document.storage_key if certificate.document else None
    for name in storage().names(_folder(certificate)):
        key = f"{_folder(certificate)}/{name}"
        if key != kept:
            storage().delete(key)


def _folder(certificate: queries.Certificate) -> str:
    return f"certificates/{certificate.id}"


@cache
def _signer(folder: Path, *, demo: bool) -> Signer:
    files = make_demo_authority(folder, now=clock.now()) if demo else AuthorityFiles(folder)
    return Signer(files.key, files.chain)
