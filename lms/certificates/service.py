"""Issues certificates and changes their state; every verb loads the facts, asks the rules, writes and announces in one unit of work."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.certificates import queries
from lms.certificates.domain.eligibility import Checklist, eligibility
from lms.certificates.domain.facts import CertificateFacts
from lms.certificates.domain.numbers import named_in, next_number
from lms.certificates.domain.status import Action, Status, advance
from lms.certificates.domain.verification import FileStatus, judge, tokens_in
from lms.certificates.events import CertificateChanged, certificate_changed
from lms.certificates.models import (
    CertificateCounterRow,
    CertificateDocumentRow,
    CertificateEventRow,
    CertificateRow,
)
from lms.classes import service as classes
from lms.infra import db, jobs, pdfsign
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI

RENDER = "certificates.render"
RENDER_ATTEMPTS = 12
NAMES_LOOKED_UP = 20


@dataclass(frozen=True)
class Passed:
    """The exam result that a certificate rests on; points are whole or have two places."""

    person_id: UUID
    class_id: UUID
    score: int | float


@dataclass(frozen=True)
class SealedFile:
    """A file that the worker has sealed and put into the store."""

    sha256: str
    size: int
    storage_key: str
    key_id: str


def issue(passed: Passed, *, issuer: str, demo: bool, now: datetime) -> UUID | Checklist:
    """Gives the number, freezes the facts and queues the making of the file, in one transaction with what earned it.

    What a joined account passes (by marks or a key that come later) is the person's whose account stays.

    Returns the certificate's id; that of the one there is when the person has one for the class, in whatever state (a revoked
    one does not come back by another attempt). Returns the checklist, and writes nothing, while a condition is unmet.
    """
    with unit_of_work() as session:
        passed = replace(passed, person_id=accounts.held_kept_id(session, passed.person_id))
        existing = queries.of_class(session, passed.person_id, passed.class_id)
        if existing is not None:
            return existing.id
        found = queries.evidence(session, passed.person_id, passed.class_id, exam_passed=True)
        checklist = eligibility(found.learner)
        if not checklist.met:
            return checklist
        try:
            with session.begin_nested():
                facts = _facts(session, found, passed, issuer=issuer, demo=demo, now=now)
                certificate_id = _store(session, facts, passed, found.unit_path, now=now)
        except IntegrityError:  # a request at the same moment was faster; its number is given back with the savepoint
            existing = queries.of_class(session, passed.person_id, passed.class_id)
            if existing is None:
                raise
            return existing.id
        classes.complete(passed.class_id, passed.person_id, now=now)
        return certificate_id


def _facts(
    session: Session, found: queries.Evidence, passed: Passed, *, issuer: str, demo: bool, now: datetime
) -> CertificateFacts:
    today = now.astimezone(SHANGHAI).date()
    serial = _next_serial(session, found.province_code, today.year, found.certificate_kind)
    return CertificateFacts(
        number=next_number(found.province_code, today.year, found.certificate_kind, serial - 1),
        version=1,
        title=found.title,
        name=found.name,
        sex=found.sex,
        workplace=found.workplace,
        class_name=found.class_name,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        hours=found.hours,
        result=f"合格（{passed.score}分）",
        issuer=issuer,
        reviewer=found.reviewer,
        issued_on=today,
        demo=demo or found.demo,
    )


def _next_serial(session: Session, province: str, year: int, kind: str) -> int:
    """Counts up the sequence; the row stays locked until the transaction ends, so that a rollback leaves no gap."""
    insert = db.insert_into(CertificateCounterRow)
    counted = insert.values(province=province, year=year, kind=kind, last=1).on_conflict_do_update(
        index_elements=["province", "year", "kind"], set_={"last": CertificateCounterRow.last + 1}
    )
    return session.execute(counted.returning(CertificateCounterRow.last)).scalar_one()


def _store(session: Session, facts: CertificateFacts, passed: Passed, unit_path: str, *, now: datetime) -> UUID:
    certificate_id = ids.new_id(now)
    session.add(
        CertificateRow(
            id=certificate_id,
            number=facts.number,
            version=facts.version,
            person_id=passed.person_id,
            class_id=passed.class_id,
            unit_path=unit_path,
            status=Status.ISSUING,
            facts=facts.canonical_json(),
            facts_sha256=facts.sha256(),
            verify_token=ids.new_secret_id(),
            issued_at=now,
            changed_at=now,
        )
    )
    session.flush()
    jobs.enqueue(
        session,
        RENDER,
        {"certificate_id": str(certificate_id)},
        now=now,
        dedup_key=str(certificate_id),
        max_attempts=RENDER_ATTEMPTS,
    )
    _note(session, queries.certificate(session, certificate_id), None, "issue", now=now)
    return certificate_id


def store_document(certificate_id: UUID, file: SealedFile, *, sealed_at: datetime, now: datetime) -> bool:
    """Enters a sealed file into the ledger and makes its certificate valid.

    False, and nothing is written, when the certificate no longer waits for a file (another worker was faster, or it was revoked).
    Raises NotFound.
    """
    with unit_of_work() as session:
        certificate = queries.certificate(session, certificate_id, lock=True)
        if certificate.status is not Status.ISSUING:
            return False
        session.add(
            CertificateDocumentRow(
                certificate_id=certificate_id,
                sha256=file.sha256,
                size=file.size,
                storage_key=file.storage_key,
                key_id=file.key_id,
                sealed_at=sealed_at,
            )
        )
        session.flush()
        _move(session, certificate, Action.FINISH, now=now)
        return True


def _move(session: Session, certificate: queries.Certificate, action: Action, *, now: datetime) -> None:
    following = advance(certificate.status, action)
    session.execute(
        update(CertificateRow).where(CertificateRow.id == certificate.id).values(status=following, changed_at=now)
    )
    audit.mark_again(session, CertificateRow, certificate.id)
    _note(session, queries.certificate(session, certificate.id), certificate.status, action, now=now)


def _note(
    session: Session, certificate: queries.Certificate, old: Status | None, action: str, *, now: datetime
) -> None:
    """Writes the history and the audit entry of a change, then tells who listens."""
    session.add(
        CertificateEventRow(
            id=ids.new_id(now), certificate_id=certificate.id, old=old, new=certificate.status, action=action, at=now
        )
    )
    session.flush()
    audit.record(
        session,
        action=f"certificate.{action}",
        object_type="certificate",
        object_id=certificate.id,
        details={"number": certificate.number, "old": old, "new": certificate.status},
        now=now,
    )
    certificate_changed.send(
        None,
        event=CertificateChanged(
            certificate_id=certificate.id,
            number=certificate.number,
            person_id=certificate.person_id,
            class_id=certificate.class_id,
            old=old,
            new=certificate.status,
            at=now,
        ),
    )


@dataclass(frozen=True)
class FileCheck:
    """The answer on a file; `certificate` is the one it is, or whose secret address it names.

    A number alone opens nothing: numbers run in sequence, and whoever holds none would read a province's register.
    """

    status: FileStatus
    certificate: queries.Certificate | None


def check_file(content: bytes, roots: pdfsign.Roots) -> FileCheck:
    """Says what a file is. One that the ledger does not know is searched for our names as bytes and never parsed.

    `roots` are the certificates that vouch for our signers. Raises SealFault when they are missing and a known file needs them.
    """
    with reading() as session:
        known = queries.by_sha256(session, hashlib.sha256(content).hexdigest())
        claimed = known or queries.named(session, tokens=islice(tokens_in(content), NAMES_LOOKED_UP))
        numbered = claimed or queries.named(session, numbers=islice(named_in(content), NAMES_LOOKED_UP))
    if known is None or known.document is None:
        status = judge(
            ledger=None,
            seal_holds=False,
            names_ours=numbered is not None,
            sealed_by_us=pdfsign.mentions(content, roots),
        )
        return FileCheck(status, claimed)
    if not roots:
        raise pdfsign.SealFault("roots.pem is missing from the signing folder: seals can't be checked")
    report = pdfsign.verify(content, roots, at=known.document.sealed_at)
    return FileCheck(judge(ledger=known.status, seal_holds=report.holds, names_ours=True, sealed_by_us=True), known)
