"""One training: its facts, its people, its proof, and what may be done with it now."""

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.permissions import Permission
from lms.offline import queries, service
from lms.offline.domain.proofs import KINDS
from lms.offline.domain.workflow import State
from lms.offline.forms import DecideForm, LinesForm, ProofForm, SheetForm
from lms.offline.staff_views import shown
from lms.offline.staff_views.blueprint import bp
from lms.web import guards, render

SANDBOX = "default-src 'none'; sandbox"


@bp.get("/training/<uuid:training_id>")
@guards.requires(Permission.TRAINING_ENTER, Permission.TRAINING_APPROVE)
def training(training_id: UUID) -> Any:
    """A training of a unit in my reach."""
    return page_of(training_id)


@bp.get("/training/<uuid:training_id>/proof")
@guards.requires(Permission.TRAINING_ENTER, Permission.TRAINING_APPROVE)
def proof(training_id: UUID) -> Response:
    """The proof as a file to keep: never shown inside a page of ours."""
    with reading() as session:
        found = queries.training(session, training_id, shown.reader())
        content = service.proof_of(session, training_id)
    response = Response(content, content_type=KINDS[found.proof_kind])
    response.headers["Content-Disposition"] = f'attachment; filename="proof.{found.proof_kind}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def page_of(training_id: UUID, *, status: int = 200, problems: Any = (), **forms: Any) -> Any:
    """The page of a training with forms as they were sent, or empty ones."""
    entering, deciding = shown.staff(Permission.TRAINING_ENTER), shown.staff(Permission.TRAINING_APPROVE)
    most, today = settings_module.current(), clock.now().astimezone(clock.SHANGHAI).date()
    with reading() as session:
        found = queries.training(session, training_id, shown.reader())
        people = queries.trainees(session, found, shown.reader(), today=today, limit=most.training_people)
        names = accounts.names(session, filter(None, (found.entered_by, found.submitted_by, found.decided_by)))
        look = _look(session, found, deciding)
        others = accounts.names(session, [one.person_id for one in look.clashes]) if look else {}
    return render.page(
        "offline/staff/training.html",
        status=status,
        found=found,
        people=people,
        names=names,
        look=look,
        others=others,
        may_enter=entering.reaches(found.unit_path),
        problems=problems,
        words=shown.words(),
        proof_mb=most.proof_mb,
        lines_form=forms.get("lines_form") or LinesForm(formdata=None),
        sheet_form=forms.get("sheet_form") or SheetForm(formdata=None),
        proof_form=forms.get("proof_form") or ProofForm(formdata=None),
        decide_form=forms.get("decide_form") or DecideForm(formdata=None),
    )


def _look(session: Session, found: queries.Training, by: Staff) -> service.Look | None:
    """What a decider sees; None for who has no say here."""
    if found.state != State.SUBMITTED or not by.reaches(found.unit_path):
        return None
    return service.look(session, found, by, now=clock.now())
