"""The privacy notice, its acceptance, and the ID number with its own consent."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, gettext as _

from lms import settings as settings_module
from lms.accounts.domain import notice
from lms.accounts.domain.notice import Notice
from lms.accounts.domain.personalfields import REGISTER
from lms.accounts.forms.privacy import AcceptForm, IdNumberForm
from lms.accounts.queries import privacy as queries
from lms.accounts.service import id_numbers, privacy
from lms.accounts.views.blueprint import bp
from lms.accounts.views.sign_in import inside
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, NotFound, TooMany
from lms.kernel.principal import Duty
from lms.web import guards, login, ports, render


def notice_shown(kind: str, version: str) -> Notice:
    """A text in the reader's language with this platform's operator. Raises NotFound for a version that never was."""
    settings = settings_module.current()
    try:
        return notice.notice(
            kind,
            version,
            "en" if str(get_locale()).startswith("en") else "zh",
            operator=settings.issuer_name,
            contact=settings.privacy_contact or settings.issuer_name,
        )
    except KeyError as error:
        raise NotFound from error


def fields_shown() -> list[dict[str, Any]]:
    """The field register in the reader's language, for the list that stands below the notice."""
    return [
        {
            "label": _(one.label),
            "purpose": _(one.purpose),
            "basis": _(one.basis.value),
            "retention": _(one.retention.since.value, days=one.retention.days),
            "level": _(one.level.value),
            "sensitive": one.sensitive,
            "name": one.name,
        }
        for one in REGISTER
    ]


@bp.get("/privacy")
@guards.public
def privacy_page() -> Any:
    """The notice that holds now, or an earlier one by ?version=."""
    version = request.args.get("version", notice.CURRENT_VERSION)
    return render.page(
        "accounts/privacy.html",
        notice=notice_shown(notice.PRIVACY, version),
        fields=fields_shown() if version == notice.CURRENT_VERSION else [],
        earlier=[one for one in notice.KNOWN[notice.PRIVACY] if one != version],
        form=None,
    )


@bp.get("/me/privacy")
@guards.signed_in(during_duty=True)
def privacy_form() -> Any:
    """The notice with the question whether one agrees."""
    form = AcceptForm(version=notice.CURRENT_VERSION, next=request.args.get("next", ""))
    return _acceptance_page(form)


def _acceptance_page(form: AcceptForm, *, status: int = 200) -> Any:
    asked = login.current().duty is Duty.PRIVACY
    return render.page(
        "accounts/privacy.html",
        notice=notice_shown(notice.PRIVACY, notice.CURRENT_VERSION),
        fields=fields_shown(),
        earlier=[],
        form=form if asked else None,
        status=status,
    )


@bp.post("/me/privacy")
@guards.signed_in(during_duty=True)
def accept_privacy() -> Any:
    """Takes the acceptance."""
    form = AcceptForm()
    if not form.validate_on_submit():
        return _acceptance_page(form, status=422)
    try:
        privacy.accept(login.current().person_id, form.version.data, clock.now())
    except privacy.NoticeChanged as error:
        form.version.data = notice.CURRENT_VERSION
        form.accepted.data = False
        form.show({"accepted": error.title})
        return _acceptance_page(form, status=409)
    flash(_("已记录您的同意。"), "success")
    return redirect(inside(form.next.data), 303)


def _id_number_page(form: IdNumberForm, *, status: int = 200) -> Any:
    person_id = login.current().person_id
    with reading() as session:
        known = queries.own_id_number(session, person_id)
        asked_by = ports.asks_id_number(session, person_id)
    form.id_number.data = ""  # what was typed goes back to nobody's screen
    return render.page(
        "accounts/id_number.html",
        form=form,
        known=known,
        most=id_numbers.GIVEN_A_DAY,
        asked_by=asked_by,
        notice=notice_shown(notice.ID_NUMBER, notice.CURRENT[notice.ID_NUMBER]),
        status=status,
    )


@bp.get("/me/id-number")
@guards.signed_in
def id_number_form() -> Any:
    """Why the ID number is needed, and the form to give it; or what is stored, and how to take it back."""
    return _id_number_page(IdNumberForm(version=notice.CURRENT[notice.ID_NUMBER]))


@bp.post("/me/id-number")
@guards.signed_in
def give_id_number() -> Any:
    """Takes the number with the consent."""
    form = IdNumberForm()
    if not form.validate_on_submit():
        return _id_number_page(form, status=422)
    try:
        id_numbers.give(
            login.current().person_id,
            form.id_number.data,
            version=form.version.data,
            asked=lambda session, person_id: bool(ports.asks_id_number(session, person_id)),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _id_number_page(form, status=422)
    except id_numbers.CannotBeKept:
        pass  # staff see it; whose number it is, or that it is anybody's, is told to nobody
    except (Conflict, TooMany) as error:
        form.version.data = notice.CURRENT[notice.ID_NUMBER]
        form.show({"id_number": error.title})
        return _id_number_page(form, status=error.status)
    flash(_("已收到身份证号，等待您单位的管理员核对。"), "success")
    return redirect(url_for("accounts_learner.id_number_form"), 303)


@bp.post("/me/id-number/withdrawal")
@guards.signed_in
def withdraw_id_number() -> Any:
    """Takes the consent back: the number is gone at once."""
    if id_numbers.withdraw(login.current().person_id, now=clock.now()):
        flash(_("已撤回同意，身份证号已删除。"), "success")
    return redirect(url_for("accounts_learner.id_number_form"), 303)
