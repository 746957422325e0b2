"""Pages that keep one's account safe: password, second factor, signed-in browsers."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import queries
from lms.accounts.domain import browsers
from lms.accounts.forms import CodeForm, EnrolForm, PasswordForm
from lms.accounts.service import passwords, second_factor, sessions
from lms.accounts.views.blueprint import bp
from lms.accounts.views.policy import browser, policy
from lms.accounts.views.sign_in import inside
from lms.infra import qr
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.kernel.principal import Duty
from lms.web import guards, login, render


def _password_page(form: PasswordForm, *, status: int = 200) -> Any:
    principal = login.current()
    form.old.flags.required = asks_old = passwords.asks_old(principal.person_id)
    return render.page(
        "accounts/password.html",
        form=form,
        asks_old=asks_old,
        first=principal.duty is Duty.PASSWORD,
        password_length=settings_module.current().password_min_length,
        status=status,
    )


@bp.get("/me/password")
@guards.signed_in(during_duty=True)
def password_form() -> Any:
    """The page for a new password."""
    return _password_page(PasswordForm(next=request.args.get("next", "")))


@bp.post("/me/password")
@guards.signed_in(during_duty=True)
def change_password() -> Any:
    """Takes the new password; all other sessions end, and this one goes on under a new id."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _password_page(form, status=422)
    try:
        opened = passwords.change(
            login.current(),
            form.old.data or "",
            form.password.data,
            policy=policy(),
            browser=browser(),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _password_page(form, status=422)
    login.start(opened.id)
    flash(_("密码已修改，其他设备上的登录已全部退出。"), "success")
    return redirect(inside(form.next.data), 303)


def _second_factor_page(
    form: EnrolForm, *, renewing: CodeForm | None = None, changing: bool = False, status: int = 200
) -> Any:
    principal = login.current()
    with reading() as session:
        known = queries.credentials_of_person(session, principal.person_id)
        left = queries.recovery_codes_left(session, known.account_id)
    form.present_code.flags.required = present = known.totp_secret is not None
    form.password.flags.required = asks_password = second_factor.asks_password(known)
    setup = None
    if changing or not present:
        issuer = settings_module.current().issuer_name
        now = clock.now()
        setup = second_factor.offered(principal, form.carried.data or "", issuer=issuer, now=now)
        setup = setup or second_factor.offer(principal, issuer=issuer, now=now)
        form.carried.data = setup.carried
    return render.page(
        "accounts/second_factor.html",
        form=form,
        renewing=renewing or CodeForm(formdata=None),
        present=present,
        asks_password=asks_password,
        left=left,
        secret=_in_fours(setup.secret) if setup else "",
        qr_image=qr.data_address(setup.address) if setup else "",
        needed=principal.duty is Duty.SECOND_FACTOR,
        status=status,
    )


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


@bp.get("/me/second-factor")
@guards.signed_in(during_duty=True)
def second_factor_page() -> Any:
    """The state of the second factor, or the way to set one up."""
    form = EnrolForm(next=request.args.get("next", ""))
    return _second_factor_page(form, changing="change" in request.args)


@bp.post("/me/second-factor")
@guards.signed_in(during_duty=True)
def enrol_second_factor() -> Any:
    """Takes a code of the new second factor; the answer shows the recovery codes, this once."""
    form = EnrolForm()
    if not form.validate_on_submit():
        return _second_factor_page(form, changing=True, status=422)
    try:
        fresh = second_factor.enrol(
            login.current(),
            form.carried.data or "",
            form.code.data,
            form.present_code.data or "",
            password=form.password.data or "",
            single_use=policy().totp_single_use,
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _second_factor_page(form, changing=True, status=422)
    return render.page("accounts/recovery_codes.html", codes=fresh, target=inside(form.next.data))


@bp.post("/me/second-factor/codes")
@guards.signed_in
def renew_recovery_codes() -> Any:
    """Makes new recovery codes; the answer shows them, this once."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _second_factor_page(EnrolForm(formdata=None), renewing=form, status=422)
    try:
        fresh = second_factor.renew_codes(
            login.current(), form.code.data, single_use=policy().totp_single_use, now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _second_factor_page(EnrolForm(formdata=None), renewing=form, status=422)
    return render.page(
        "accounts/recovery_codes.html", codes=fresh, target=url_for("accounts_learner.second_factor_page")
    )


@bp.get("/me/sessions")
@guards.signed_in
def my_sessions() -> Any:
    """The browsers in which one is signed in."""
    principal = login.current()
    with reading() as session:
        found = queries.open_sessions(session, principal.account_id, now=clock.now())
    shown = [
        {"entry": one, "name": browsers.describe(one.browser), "own": one.id == principal.session_id} for one in found
    ]
    shown.sort(key=lambda one: not one["own"])
    return render.page("accounts/sessions.html", sessions=shown)


@bp.post("/me/sessions/<uuid:session_id>/end")
@guards.signed_in
def end_session(session_id: UUID) -> Any:
    """Ends one of one's sessions."""
    principal = login.current()
    sessions.end_one(principal.account_id, session_id, actor_id=principal.person_id, now=clock.now())
    flash(_("该设备已退出登录。"), "success")
    return redirect(url_for("accounts_learner.my_sessions"), 303)


@bp.post("/me/sessions/end-others")
@guards.signed_in
def end_other_sessions() -> Any:
    """Ends all of one's sessions but this."""
    principal = login.current()
    sessions.end_all(principal.account_id, but=principal.session_id, actor_id=principal.person_id, now=clock.now())
    flash(_("其他设备已全部退出登录。"), "success")
    return redirect(url_for("accounts_learner.my_sessions"), 303)
