"""A learner's own certificates, and the public pages where anybody checks one."""

import io
from uuid import UUID

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import queries as accounts
from lms.certificates import queries, service
from lms.certificates.domain.layout import Row, rows
from lms.certificates.domain.numbers import BadNumber, parse
from lms.certificates.domain.verification import FILE_TITLES, FileStatus
from lms.certificates.forms import FileCheckForm, NumberCheckForm
from lms.infra import jobs, pdfsign, ratelimit
from lms.infra.authority import AuthorityFiles
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel.errors import N_, NotFound, TooMany
from lms.web import guards, login, render

bp = Blueprint("certificates_learner", __name__)

MEANINGS = {
    FileStatus.VALID: N_("登记在册，目前有效。"),
    FileStatus.ISSUING: N_("证书已经登记，文件正在制作，请稍后再查。"),
    FileStatus.SUSPENDED: N_("证书已被暂扣，目前不能作为凭证。"),
    FileStatus.REVOKED: N_("证书已被撤销，不再有效。"),
    FileStatus.SUPERSEDED: N_("这是旧版本，已由同一编号的新版本代替。"),
    FileStatus.EXPIRED: N_("证书已经失效。"),
    FileStatus.ALTERED: N_("文件写有本平台的编号或签章，但与签发时的文件不一致，请勿采信。以下方登记的内容为准。"),
    FileStatus.UNKNOWN: N_("没有找到对应的证书，请核对后再试。"),
}


@bp.get("/me/certificates")
@guards.signed_in
def my_certificates() -> Response:
    """The person's certificates, newest first."""
    with reading() as session:
        person = accounts.person(session, login.current().person_id)
        found = queries.of_person(session, person.id)
        stuck = {
            one.id
            for one in found
            if one.document is None
            and (state := jobs.state_of(session, service.RENDER, str(one.id))) is not None
            and state.state == "failed"
        }
    return render.page("certificates/my_certificates.html", certificates=found, stuck=stuck, confirmed=person.confirmed)


@bp.get("/me/certificates/<uuid:certificate_id>/document.pdf")
@guards.signed_in
def download(certificate_id: UUID) -> Response:
    """The sealed file, the same bytes each time; another person's looks as if it did not exist."""
    with reading() as session:
        found = queries.certificate(session, certificate_id)
        mine = accounts.alias_ids(session, login.current().person_id)
    if found.person_id not in mine or found.document is None:
        raise NotFound
    with storage().open(found.document.storage_key) as file:
        content = file.read()
    response = send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{found.number}_{found.facts.name}.pdf",
        etag=found.document.sha256,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/verify")
@guards.public
def verify_form() -> Response:
    """The page on which anybody checks a certificate."""
    return _form_page()


@bp.post("/verify")
@guards.public
def verify_file() -> Response:
    """Says what an uploaded file is; the file is not kept."""
    _count_attempt()
    form = FileCheckForm()
    if not form.validate_on_submit():
        return _form_page(file_form=form, status=422)
    folder = AuthorityFiles(settings_module.current().signing_folder)
    checked = service.check_file(form.file.data.read(pdfsign.MAX_FILE_BYTES + 1), pdfsign.read_roots(folder.roots))
    return _result_page(checked.status, checked.certificate)


@bp.post("/verify/number")
@guards.public
def verify_number() -> Response:
    """Looks a certificate up by number and name; a wrong name answers like an unknown number."""
    _count_attempt()
    form = NumberCheckForm()
    if not form.validate_on_submit():
        return _form_page(number_form=form, status=422)
    try:
        number = str(parse(form.number.data))
    except BadNumber:
        form.number.errors = [_("编号有误，请核对每一位（形如 33-2026-SG-000001-0）")]
        return _form_page(number_form=form, status=422)
    with reading() as session:
        found = queries.by_number(session, number)
    if found is None or found.facts.name != form.name.data:
        return _result_page(FileStatus.UNKNOWN, None)
    return _result_page(FileStatus(found.status), found)


@bp.get("/verify/<uuid:token>")
@guards.public
def verify_token(token: UUID) -> Response:
    """What the QR code of a certificate leads to."""
    _count_attempt()
    with reading() as session:
        found = queries.by_token(session, token)
    if found is None:
        return _result_page(FileStatus.UNKNOWN, None, status=404)
    return _result_page(FileStatus(found.status), found)


def _count_attempt() -> None:
    limit = settings_module.current().verifications_per_minute
    if not ratelimit.hit("verify", request.remote_addr or "", limit=limit, window_seconds=60):
        raise TooMany


def _form_page(
    *, file_form: FileCheckForm | None = None, number_form: NumberCheckForm | None = None, status: int = 200
) -> Response:
    return render.page(
        "certificates/verify.html",
        file_form=file_form or FileCheckForm(formdata=None),
        number_form=number_form or NumberCheckForm(formdata=None),
        status=status,
    )


def _result_page(judged: FileStatus, found: queries.Certificate | None, *, status: int = 200) -> Response:
    shown: tuple[Row, ...] = rows(found.facts, public=True) if found else ()
    response = render.page(
        "certificates/verified.html",
        judged=judged.value,
        title=_(FILE_TITLES[judged]),
        meaning=_(MEANINGS[judged]),
        rows=[Row(_(row.label), row.value) for row in shown],
        certificate=found,
        again=url_for("certificates_learner.verify_form"),
        status=status,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
