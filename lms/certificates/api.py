"""A learner's certificates as JSON."""

from uuid import UUID

import msgspec
from flask import Blueprint, url_for

from lms.certificates import queries
from lms.infra.db import reading
from lms.web import guards, login
from lms.web.jsonapi import endpoint

bp = Blueprint("certificates_api", __name__)


class CertificateAnswer(msgspec.Struct):
    """One certificate; `pdf_url` is null until the file is made."""

    id: UUID
    number: str
    status: str
    pdf_url: str | None
    verify_url: str


@bp.get("/me/certificates")
@guards.signed_in
@endpoint(answer=list[CertificateAnswer])
def my_certificates() -> list[CertificateAnswer]:
    """The caller's certificates, newest first."""
    with reading() as session:
        found = queries.of_person(session, login.current().person_id)
    return [
        CertificateAnswer(
            id=one.id,
            number=one.number,
            status=one.status,
            pdf_url=url_for("certificates_learner.download", certificate_id=one.id, _external=True)
            if one.document
            else None,
            verify_url=url_for("certificates_learner.verify_token", token=one.verify_token, _external=True),
        )
        for one in found
    ]
