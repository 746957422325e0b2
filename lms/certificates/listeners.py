"""Hears of graded attempts and issues certificates in the same transaction."""

from typing import Any

import structlog

from lms import settings as settings_module
from lms.certificates import service
from lms.certificates.domain.eligibility import Checklist
from lms.exams.events import AttemptGraded, attempt_graded

log = structlog.get_logger()


@attempt_graded.connect
def on_attempt_graded(_sender: Any, *, event: AttemptGraded, **_: Any) -> None:
    """A passed exam of a class earns its certificate, when the other conditions are met too."""
    if not event.passed:
        return
    settings = settings_module.current()
    passed = service.Passed(person_id=event.person_id, class_id=event.class_id, score=event.score)
    answer = service.issue(passed, issuer=settings.issuer_name, demo=settings.demo, now=event.at)
    if isinstance(answer, Checklist):
        log.warning("passed without a certificate", attempt_id=str(event.attempt_id), unmet=answer.unmet)
