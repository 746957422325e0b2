"""Staff pages of oversight: data that left the platform, the printable field register, whom an account touched."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from lms.accounts.domain import fieldregister
from lms.accounts.domain.personalfields import REGISTER
from lms.accounts.forms.privacy import IncidentForm
from lms.accounts.queries import oversight
from lms.accounts.service import incidents
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Invalid
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

PER_PAGE = 50
PERSONS_SHOWN = 500


def _labels() -> dict[str, str]:
    return {one.name: _(one.label) for one in REGISTER}


@bp.get("/disclosures")
@guards.requires(Permission.DISCLOSURE_READ)
def disclosure_list() -> Any:
    """Disclosures of data in my scope, the newest first."""
    with reading() as session:
        found = oversight.disclosures(
            session, shown.scopes(Permission.DISCLOSURE_READ), after=shown.asked_id("after"), limit=PER_PAGE + 1
        )
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    return render.page(
        "accounts/staff/disclosures.html",
        disclosures=listed,
        labels=_labels(),
        next_url=url_for("accounts_staff.disclosure_list", after=listed[-1].id) if more else None,
    )


@bp.get("/field-register")
@guards.requires(Permission.DISCLOSURE_READ)
def field_register() -> Any:
    """The register of personal fields, made for paper."""
    masks = {
        "name": _("只显示首字"),
        "mobile": _("只显示前三后四位"),
        "mail": _("只显示首字和域名"),
        "id_number": _("只显示前三后二位"),
        "address": _("只显示前两段"),
        "all": _("不显示"),
        "none": _("不遮盖"),
    }
    rows = [
        {
            "label": _(one.label),
            "columns": one.columns,
            "purpose": _(one.purpose),
            "basis": _(one.basis.value),
            "level": _(one.level.value),
            "sensitive": one.sensitive,
            "retention": _(one.retention.since.value, days=one.retention.days),
            "seen_by": [str(permission) for permission in one.seen_by],
            "mask": masks[one.mask],
        }
        for one in REGISTER
    ]
    return render.page("accounts/staff/field_register.html", rows=rows, digest=fieldregister.digest(), now=clock.now())


@bp.get("/incidents")
@guards.requires(Permission.INCIDENT_READ)
def incident_form() -> Any:
    """The form that asks for an account and a span of time."""
    return _incident_page(IncidentForm(), None)


def _incident_page(form: IncidentForm, found: oversight.Incident | None, *, status: int = 200) -> Any:
    return render.page(
        "accounts/staff/incident.html", form=form, found=found, labels=_labels(), shown=PERSONS_SHOWN, status=status
    )


@bp.post("/incidents")
@guards.requires(Permission.INCIDENT_READ)
def incident() -> Any:
    """Persons and kinds of data that the account touched; posted, because a user name has no place in an address."""
    form = IncidentForm()
    if not form.validate_on_submit():
        return _incident_page(form, None, status=422)
    try:
        found = incidents.look(
            form.username.data,
            since=form.since.data.replace(tzinfo=SHANGHAI),
            until=form.until.data.replace(tzinfo=SHANGHAI),
            limit=PERSONS_SHOWN,
            actor_id=login.current().person_id,
            scopes=shown.scopes(Permission.INCIDENT_READ),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _incident_page(form, None, status=422)
    return _incident_page(form, found)
