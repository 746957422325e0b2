"""Reads certificates: a learner's own, what strangers may see of one, and what a file or number leads to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.certificates.domain.eligibility import LearnerFacts
from lms.certificates.domain.facts import CertificateFacts
from lms.certificates.domain.status import Status
from lms.certificates.models import CertificateDocumentRow, CertificateRow
from lms.classes import queries as classes
from lms.hours import queries as hours
from lms.infra import db
from lms.kernel.errors import NotFound
from lms.learning import queries as learning
from lms.organisations import queries as organisations

NATIONAL_CODE = "00"
SEXES = {"male": "男", "female": "女"}


@dataclass(frozen=True)
class Document:
    """A sealed file; `storage_key` leads to its bytes."""

    sha256: str
    size: int
    storage_key: str
    sealed_at: datetime


@dataclass(frozen=True)
class Certificate:
    """One version of a certificate; `document` is None until the worker has made the file."""

    id: UUID
    number: str
    version: int
    person_id: UUID
    class_id: UUID
    status: Status
    facts: CertificateFacts
    verify_token: UUID
    issued_at: datetime
    changed_at: datetime
    document: Document | None


_COLUMNS = (
    CertificateRow.id,
    CertificateRow.number,
    CertificateRow.version,
    CertificateRow.person_id,
    CertificateRow.class_id,
    CertificateRow.status,
    CertificateRow.facts,
    CertificateRow.verify_token,
    CertificateRow.issued_at,
    CertificateRow.changed_at,
    CertificateDocumentRow.sha256,
    CertificateDocumentRow.size,
    CertificateDocumentRow.storage_key,
    CertificateDocumentRow.sealed_at,
)


def _find(session: Session, *conditions: ColumnElement[bool], lock: bool = False) -> tuple[Certificate, ...]:
    statement = (
        select(*_COLUMNS)
        .outerjoin(CertificateDocumentRow, CertificateDocumentRow.certificate_id == CertificateRow.id)
        .where(*conditions)
        .order_by(CertificateRow.issued_at.desc(), CertificateRow.id.desc())
    )
    if lock and db.dialect() == "postgresql":
        statement = statement.with_for_update(of=CertificateRow)
    return tuple(
        Certificate(
            row.id,
            row.number,
            row.version,
            row.person_id,
            row.class_id,
            Status(row.status),
            CertificateFacts.from_json(row.facts),
            row.verify_token,
            row.issued_at,
            row.changed_at,
            Document(row.sha256, row.size, row.storage_key, row.sealed_at) if row.sha256 else None,
        )
        for row in session.execute(statement)
    )


def certificate(session: Session, certificate_id: UUID, *, lock: bool = False) -> Certificate:
    """One certificate; `lock` keeps others from changing it until the unit of work ends. Raises NotFound."""
    found = _find(session, CertificateRow.id == certificate_id, lock=lock)
    if not found:
        raise NotFound
    return found[0]


def of_person(session: Session, person_id: UUID) -> tuple[Certificate, ...]:
    """All certificates of a person and of accounts joined into theirs, newest first."""
    return _find(session, CertificateRow.person_id.in_(accounts.aliases(person_id)))


def of_class(session: Session, person_id: UUID, class_id: UUID) -> Certificate | None:
    """The newest certificate of a person for a class, whatever its status."""
    mine = CertificateRow.person_id.in_(accounts.aliases(person_id))
    found = _find(session, mine, CertificateRow.class_id == class_id)
    return found[0] if found else None


def by_token(session: Session, token: UUID) -> Certificate | None:
    """The certificate whose QR code carries this token."""
    found = _find(session, CertificateRow.verify_token == token)
    return found[0] if found else None


def by_number(session: Session, number: str) -> Certificate | None:
    """The newest version under a number."""
    found = _find(session, CertificateRow.number == number)
    return max(found, key=lambda one: one.version, default=None)


def by_sha256(session: Session, sha256: str) -> Certificate | None:
    """The certificate whose document has exactly these bytes."""
    found = _find(session, CertificateDocumentRow.sha256 == sha256)
    return found[0] if found else None


def named(session: Session, *, numbers: Iterable[str] = (), tokens: Iterable[UUID] = ()) -> Certificate | None:
    """The newest certificate that one of these numbers or tokens was given out for."""
    found = _find(session, or_(CertificateRow.number.in_(set(numbers)), CertificateRow.verify_token.in_(set(tokens))))
    return found[0] if found else None


@dataclass(frozen=True)
class Evidence:
    """What a certificate would say of a learner, and the facts that decide whether it may."""

    learner: LearnerFacts
    province_code: str
    certificate_kind: str
    title: str
    name: str
    sex: str
    workplace: str
    unit_path: str
    class_name: str
    starts_on: date
    ends_on: date
    hours: int
    reviewer: str
    demo: bool


def evidence(session: Session, person_id: UUID, class_id: UUID, *, exam_passed: bool) -> Evidence:
    """Gathers the facts from the subjects they belong to. Raises NotFound when the person or the class does not exist."""
    person = accounts.person(session, person_id)
    taught = classes.class_facts(session, class_id)
    enrolment = classes.enrolment(session, class_id, person_id)
    missing = learning.missing_courses(session, person_id, class_id)
    authority = _authority(session, person.unit_path)
    return Evidence(
        learner=LearnerFacts(
            enrolled=enrolment is not None and enrolment.active,
            class_phase=taught.phase,
            required_courses=len(taught.course_ids),
            missing_courses=tuple(course.title for course in missing),
            exam_passed=exam_passed,
            identity_confirmed=person.confirmed,
        ),
        province_code=authority.code or NATIONAL_CODE,
        certificate_kind=taught.certificate_kind,
        title=taught.certificate_name,
        name=person.name,
        sex=SEXES[person.sex],
        workplace=f"{person.unit_name} {person.post}".strip(),
        unit_path=person.unit_path,
        class_name=taught.name,
        starts_on=taught.starts_on,
        ends_on=taught.ends_on,
        hours=hours.hours_of_courses(session, person_id, taught.course_ids),
        reviewer=authority.name,
        demo=taught.demo,
    )


def _authority(session: Session, unit_path: str) -> organisations.Unit:
    """The provincial union that reviews and numbers the certificates of its members; the national one for those of no province."""
    try:
        return organisations.province_of(session, unit_path)
    except NotFound:
        national = organisations.national(session)
        if national is None:
            raise
        return national
