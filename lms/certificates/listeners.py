"""Hears of what certificates rest on, graded attempts, confirmed and joined people, and issues them in the same transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts.events import identity_confirmed, people_joined, personal_data
from lms.certificates import queries, service
from lms.certificates.domain.eligibility import Checklist, Need
from lms.certificates.domain.status import Status
from lms.exams import queries as exams
from lms.exams.events import AttemptGraded, ResultChanged, attempt_graded, certificates_of, result_changed
from lms.infra.db import reading

log = structlog.get_logger()

RESTING = frozenset({Status.ISSUING, Status.VALID, Status.SUSPENDED})
"""States of a certificate that still rests on a result."""


@attempt_graded.connect
def on_attempt_graded(_sender: Any, *, event: AttemptGraded, **_: Any) -> None:
    """A passed exam of a class earns its certificate, when the other conditions are met too."""
    if not event.stands:
        return
    unmet = _issue(service.Passed(person_id=event.person_id, class_id=event.class_id, score=event.score), event.at)
    if unmet and unmet != (Need.IDENTITY,):  # who is not confirmed yet waits for that, and everybody is told so
        log.warning("passed without a certificate", attempt_id=str(event.attempt_id), unmet=unmet)


@result_changed.connect
def on_result_changed(_sender: Any, *, event: ResultChanged, **_: Any) -> None:
    """Whoever passes by a later result earns their certificate; who no longer does keeps theirs until people decide."""
    if event.stands:
        _issue_earned(event.person_id, event.at)


@certificates_of.connect
def on_certificates_of(_sender: Any, *, session: Session, class_id: UUID, person_id: UUID, **_: Any) -> str | None:
    """The number of a certificate that a worse result would touch."""
    found = queries.of_class(session, person_id, class_id)
    return found.number if found and found.status in RESTING else None


@identity_confirmed.connect
def on_identity_confirmed(_sender: Any, *, person_id: UUID, at: datetime, **_: Any) -> None:
    """Whoever passed before they were confirmed gets their certificates now."""
    _issue_earned(person_id, at)


@people_joined.connect
def on_people_joined(_sender: Any, *, kept_id: UUID, at: datetime, **_: Any) -> None:
    """What one account lacked the other may have: together they may have earned certificates."""
    _issue_earned(kept_id, at)


@personal_data.connect
def on_personal_data(_sender: Any, *, session: Session, person_id: UUID, **_: Any) -> tuple[str, list[dict[str, Any]]]:
    """The person's certificates, for the copy of their data."""
    return "certificates", [
        {
            "number": one.number,
            "version": one.version,
            "status": one.status.value,
            "title": one.facts.title,
            "class": one.facts.class_name,
            "hours": one.facts.hours / 100,
            "issued_at": one.issued_at,
        }
        for one in queries.of_person(session, person_id)
    ]


def _issue_earned(person_id: UUID, at: datetime) -> None:
    with reading() as session:
        earned = exams.best_passes(session, person_id)
    for class_id, score in sorted(earned.items()):
        _issue(service.Passed(person_id=person_id, class_id=class_id, score=score), at)


def _issue(passed: service.Passed, at: datetime) -> tuple[Need, ...]:
    """Issues unless a condition is unmet; returns the unmet ones."""
    settings = settings_module.current()
    answer = service.issue(passed, issuer=settings.issuer_name, demo=settings.demo, now=at)
    return answer.unmet if isinstance(answer, Checklist) else ()
