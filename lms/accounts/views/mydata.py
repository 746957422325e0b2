"""A person's own pages on their data: what is known, a copy, corrections, closing the account."""

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts.domain import corrections as rules, fieldregister, notice, reveals, wording
from lms.accounts.domain.corrections import Identity
from lms.accounts.forms.privacy import (
    ClosingForm,
    ContactForm,
    CopyForm,
    CorrectionForm,
    SexCorrectionForm,
    UnitCorrectionForm,
)
from lms.accounts.queries import mydata as reads
from lms.accounts.queries.corrections import corrections_of
from lms.accounts.queries.oversight import reveals_of
from lms.accounts.queries.privacy import consents, own_id_number
from lms.accounts.service import closing, contacts, corrections, exporting
from lms.accounts.views import belonging
from lms.accounts.views.blueprint import bp
from lms.accounts.views.privacy import fields_shown
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Conflict, Invalid, NotFound, TooMany
from lms.organisations import queries as organisations
from lms.web import guards, login, render

FORMS: dict[Identity, type[CorrectionForm]] = {
    Identity.NAME: CorrectionForm,
    Identity.SEX: SexCorrectionForm,
    Identity.UNIT: UnitCorrectionForm,
    Identity.ID_NUMBER: CorrectionForm,
}
CONSENTS = {notice.PRIVACY: N_("个人信息处理规则"), notice.ID_NUMBER: N_("收集身份证号的单独告知")}
LONGEST_SEARCH = 120


def _words(table: dict[str, str], value: str) -> str:
    return _(table[value]) if value in table else value


def _data_page(form: CopyForm, *, status: int = 200) -> Any:
    person_id = login.current().person_id
    days = settings_module.current().correction_days
    with reading() as session:
        own = reads.own(session, person_id)
        number = own_id_number(session, person_id)
        agreed = consents(session, person_id)
        asked = corrections_of(session, person_id)
        seen = reveals_of(session, person_id)
    values = {
        "name": own.name,
        "sex": _words(wording.SEXES, own.sex),
        "unit": own.unit_name,
        "post": own.post,
        "category": _words(wording.CATEGORIES, own.category),
        "employment": _words(wording.EMPLOYMENTS, own.employment),
        "appointed_on": own.appointed_on.isoformat() if own.appointed_on else "",
        "mobile": fieldregister.mask("mobile", own.mobile),
        "mail": fieldregister.mask("mail", own.mail),
        "id_number": number.masked if number else "",
        "identity": _words(wording.IDENTITY_LEVELS, own.identity_level),
        "username": own.username,
        "account": _words(wording.STATES, own.state),
    }
    return render.page(
        "accounts/my_data.html",
        form=form,
        fields=[field | {"value": values.get(field["name"])} for field in fields_shown()],
        values=values,
        id_number_compared=number is not None and number.confirmed,
        consents=agreed,
        consent_names={kind: _(text) for kind, text in CONSENTS.items()},
        corrections=[(one, rules.due(one.asked_at, days=days)) for one in asked],
        labels={field: _(text) for field, text in rules.LABELS.items()},
        states={state: _(text) for state, text in rules.STATES.items()},
        sexes={value: _(text) for value, text in wording.SEXES.items()},
        reveals=[(one.at, _(reveals.PURPOSES[one.purpose])) for one in seen],
        status=status,
    )


@bp.get("/me/data")
@guards.signed_in
def my_data() -> Any:
    """What the platform knows of me, why and for how long."""
    return _data_page(CopyForm())


@bp.post("/me/data/copy")
@guards.signed_in
def copy_data() -> Any:
    """Sends the copy as a file."""
    form = CopyForm()
    person_id = login.current().person_id
    if not form.validate_on_submit():
        return _data_page(form, status=422)
    if form.with_id_number.data:
        try:
            closing.check_password(person_id, form.password.data or "", now=clock.now())
        except Invalid as error:
            form.take(error)
            return _data_page(form, status=422)
    copy = exporting.copy_of(person_id, with_id_number=form.with_id_number.data, now=clock.now())
    response = make_response(copy)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _contact_page(form: ContactForm, own: reads.Own, *, status: int = 200) -> Any:
    facts = {"category": _words(wording.CATEGORIES, own.category), "appointed_on": own.appointed_on}
    return render.page(
        "accounts/contact.html",
        form=form,
        mobile=fieldregister.mask("mobile", own.mobile),
        settled={name: value for name, value in facts.items() if name not in form},
        status=status,
    )


def _own() -> reads.Own:
    with reading() as session:
        return reads.own(session, login.current().person_id)


def _contact_form(own: reads.Own, **facts: Any) -> ContactForm:
    """The form, without what only the person's unit may change."""
    form = ContactForm(**facts)
    for name in contacts.settled(own.identity_level, own.appointed_on):
        del form[name]
    return form


@bp.get("/me/data/contact")
@guards.signed_in
def contact_form() -> Any:
    """The form for what changes at once."""
    own = _own()
    form = _contact_form(
        own,
        mail=own.mail,
        post=own.post,
        category=own.category,
        employment=own.employment,
        appointed_on=own.appointed_on,
    )
    return _contact_page(form, own)


@bp.post("/me/data/contact")
@guards.signed_in
def change_contact() -> Any:
    """Writes what changed."""
    own = _own()
    form = _contact_form(own)
    if not form.validate_on_submit():
        return _contact_page(form, own, status=422)
    given = contacts.Contact(
        mobile=form.mobile.data or "",
        mail=form.mail.data or "",
        post=form.post.data,
        category=form.category.data if "category" in form else own.category,
        employment=form.employment.data,
        appointed_on=form.appointed_on.data if "appointed_on" in form else own.appointed_on,
    )
    try:
        changed = contacts.update_own(
            login.current().person_id, given, password=form.password.data or "", now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _contact_page(form, own, status=422)
    flash(_("已更正，立即生效。") if changed else _("没有需要更正的内容。"), "success" if changed else "info")
    return redirect(url_for("accounts_learner.my_data"), 303)


def _field() -> Identity:
    try:
        return Identity(request.args.get("field", ""))
    except ValueError as error:
        raise NotFound from error


def _correction_page(field: Identity, form: CorrectionForm, *, status: int = 200) -> Any:
    choices = None
    if isinstance(form, UnitCorrectionForm):
        belonging.count_search(form.unit_query.data)
        with reading() as session:
            text = (form.unit_query.data or "")[:LONGEST_SEARCH]
            choices = organisations.choices(session, text, _as_id(form.value.data), kinds=organisations.OWN)
    if field is Identity.ID_NUMBER:
        form.value.data = ""
    return render.page(
        "accounts/correction.html",
        form=form,
        field=field.value,
        label=_(rules.LABELS[field]),
        choices=choices,
        days=settings_module.current().correction_days,
        status=status,
    )


def _as_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@bp.get("/me/data/correction")
@guards.signed_in
def correction_form() -> Any:
    """The form to ask for a correction of ?field=."""
    field = _field()
    return _correction_page(field, FORMS[field]())


@bp.post("/me/data/correction")
@guards.signed_in
def ask_correction() -> Any:
    """Files the request, or looks for a unit."""
    field = _field()
    form = FORMS[field]()
    if request.form.get("find"):
        return _correction_page(field, form)
    if not form.validate_on_submit():
        return _correction_page(field, form, status=422)
    try:
        corrections.ask(login.current().person_id, field, form.value.data or "", form.reason.data, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _correction_page(field, form, status=422)
    except (Conflict, TooMany) as error:
        form.show({"value": error.title})
        return _correction_page(field, form, status=error.status)
    flash(_("更正申请已提交，处理结果会显示在本页。"), "success")
    return redirect(url_for("accounts_learner.my_data"), 303)


@bp.post("/me/data/corrections/<uuid:correction_id>/withdrawal")
@guards.signed_in
def withdraw_correction(correction_id: UUID) -> Any:
    """Takes one's own request back."""
    corrections.withdraw(correction_id, person_id=login.current().person_id, now=clock.now())
    flash(_("更正申请已撤回。"), "success")
    return redirect(url_for("accounts_learner.my_data"), 303)


def _closing_page(form: ClosingForm, *, status: int = 200) -> Any:
    kept = [field for field in fields_shown() if fieldregister.field(field["name"]).kept_after_closing]
    gone = [field for field in fields_shown() if not fieldregister.field(field["name"]).kept_after_closing]
    in_office = bool(login.current().grants)
    return render.page("accounts/closing.html", form=form, kept=kept, gone=gone, in_office=in_office, status=status)


@bp.get("/me/closing")
@guards.signed_in
def closing_form() -> Any:
    """What closing the account does, before it is done."""
    return _closing_page(ClosingForm())


@bp.post("/me/closing")
@guards.signed_in
def close_account() -> Any:
    """Closes the account and signs out."""
    form = ClosingForm()
    principal = login.current()
    if not form.validate_on_submit():
        return _closing_page(form, status=422)
    try:
        closing.check_password(principal.person_id, form.password.data, now=clock.now())
        closing.close(principal.person_id, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _closing_page(form, status=422)
    except Conflict as error:
        form.show({"understood": error.title})
        return _closing_page(form, status=error.status)
    login.forget()
    flash(_("账号已注销。感谢您使用本平台。"), "success")
    return redirect(url_for("portal_learner.home"), 303)
