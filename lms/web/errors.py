"""Turns errors into answers: a page for people, RFC 9457 problem details under /api/."""

from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

import structlog
from flask import Flask, Response, g, json, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException

from lms.infra import dbfaults
from lms.kernel import clock
from lms.kernel.errors import N_, DomainError, Forbidden, Invalid, SignInNeeded
from lms.kernel.principal import Duty
from lms.kernel.quoted_numbers import without_quoted_id_numbers
from lms.web import addresses, login, ports
from lms.web.headers import route
from lms.web.login import DutyFirst

log = structlog.get_logger()

TITLES = {
    400: N_("请求有误"),
    404: N_("没有找到这个页面或内容"),
    405: N_("不能这样操作"),
    413: N_("文件或内容过大"),
    415: N_("不支持的内容类型"),
    500: N_("平台暂时出现故障"),
    503: N_("平台正忙，请稍候再试"),
}
NOTHING_DONE = N_("刚才的操作没有执行，此前已保存的内容都在。")
RETRY_SECONDS = 2
DUTY_PAGES = {
    Duty.PASSWORD: "accounts_learner.password_form",
    Duty.SECOND_FACTOR: "accounts_learner.second_factor_page",
    Duty.PRIVACY: "accounts_learner.privacy_form",
}
"""The page on which each duty is done."""
CSRF_TITLE = N_("页面已过期，请刷新后重试")


def wants_json() -> bool:
    """Whether the caller is a program."""
    return request.path.startswith("/api/")


def problem(status: int, code: str, title: str, detail: str | None, **extra: Any) -> Response:
    """A problem-details answer; `extra` adds members of its own."""
    body = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
    }
    body.update(extra)
    body["request_id"] = g.get("request_id", "")
    return Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/problem+json")


def _page(status: int, title: str, detail: str | None) -> tuple[str, int]:
    html = render_template(
        "errors/error.html",
        status=status,
        title=title,
        detail=detail,
        request_id=g.get("request_id", ""),
    )
    return html, status


def _note_refusal(error: DomainError) -> None:
    """Leaves a trace of a person who asked for what their roles don't open, or for a thing that is not there for them."""
    foreign = error.status == 404 and bool(request.view_args)
    if request.endpoint is None or not (foreign or isinstance(error, Forbidden)) or isinstance(error, DutyFirst):
        return
    principal = login.on_page()
    if principal is not None:
        ports.refused(principal.person_id, request.endpoint, f"{request.method} {route()}", error.status, clock.now())


def _domain_error(error: DomainError) -> Any:
    _note_refusal(error)
    title = gettext(error.title)
    detail = gettext(error.detail, **error.extra) if error.detail else None
    errors = {name: gettext(text, **error.extra) for name, text in error.fields.items()}
    if wants_json():
        return problem(error.status, error.code, title, detail, errors=errors, **error.extra)
    if isinstance(error, DutyFirst):
        return redirect(url_for(DUTY_PAGES[error.duty], next=_page_of_request()), 303)
    if isinstance(error, SignInNeeded):
        return redirect(url_for("accounts_learner.sign_in_form", next=_page_of_request()), 303)
    if error.fields:
        detail = "；".join(filter(None, [detail, *errors.values()]))
    return _page(error.status, title, detail)


def _page_of_request() -> str:
    """The page to come back to: this one, or the one that held the form, without what no address may hold."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    source = urlsplit(request.referrer or "")
    if source.netloc != request.host or addresses.tell_a_number(unquote(source.path)):
        return "/"
    asked = f"?{source.query}" if source.query and not addresses.tell_a_number(unquote_plus(source.query)) else ""
    return source.path + asked


def _http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    title = gettext(TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]))
    if isinstance(error, CSRFError):
        title = gettext(CSRF_TITLE)
    code = "csrf" if isinstance(error, CSRFError) else (error.name or "error").lower().replace(" ", "_")
    answer = problem(status, code, title, None) if wants_json() else make_response(_page(status, title, None))
    if status == 405:
        answer.headers["Allow"] = ", ".join(error.valid_methods or [])  # type: ignore[attr-defined]  # MethodNotAllowed has it
    return answer


def _unstorable(_error: DataError) -> Any:
    """PostgreSQL keeps no NUL character in a text and no number out of its range: the input is at fault."""
    log.warning("input that the database refuses", path=route())
    return _domain_error(Invalid())


def _unexpected(error: Exception) -> Any:
    if type(error).__module__ == "gunicorn.http.errors":  # a broken body is found only when it is read
        return _http_error(BadRequest())
    if dbfaults.passes(error):
        return _busy(error)
    log.exception("unexpected error", path=route(), error_type=type(error).__name__)
    title = gettext(TITLES[500])
    return problem(500, "internal", title, None) if wants_json() else _page(500, title, None)


def _busy(error: Exception) -> Response:
    """A fault that passes: pages and programs are asked to come again in a moment, which is right for every act here."""
    log.error(
        "the database was not to be had",
        path=route(),
        error_type=type(error).__name__,
        said=without_quoted_id_numbers(str(error))[:300],
    )
    title, detail = gettext(TITLES[503]), gettext(NOTHING_DONE)
    answer = problem(503, "busy", title, detail) if wants_json() else make_response(_page(503, title, detail))
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def init_app(app: Flask) -> None:
    """Registers the four handlers; a page never shows a traceback."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
