"""Builds the application: the only place where anything is wired."""

from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from lms import blueprints, paths, settings as settings_module
from lms.access import queries as access_queries, service as access
from lms.access.forms import ROLE_NAMES
from lms.accounts import queries as accounts
from lms.accounts.domain import duties
from lms.accounts.service import sessions
from lms.audit import service as audit
from lms.classes import queries as classes
from lms.exams import queries as exams
from lms.hours import queries as hours
from lms.infra import crypto, db, formulas, log, sandbox, storage
from lms.kernel.principal import Principal
from lms.learning import queries as learning
from lms.portal import navigation
from lms.questionbank.domain import marks
from lms.settings import Settings
from lms.web import addresses, errors, guards, headers, jsonapi, locale, ports, render, uploads

ENTRY_MODULES = ("listeners", "tasks")  # what registers itself when it is imported
SUBJECTS = (
    "audit notices organisations accounts access accommodations moderation video questionbank"
    " catalogue classes learning exams practice hours offline certificates reporting portal"
).split()

_csrf = CSRFProtect()


def create_app(settings: Settings) -> Flask:
    """The WSGI application, ready to serve. Raises SettingsError, UnguardedRoute, DatabaseFault."""
    settings_module.check(settings)
    log.configure(settings.log_level)
    settings_module.use(settings)
    app = Flask("lms", static_folder=None, template_folder=str(paths.templates()))
    app.config.update(_flask_config(settings))
    _wire_infra(app, settings)
    _wire_ports(settings)
    headers.init_app(app, https=settings.secure_cookies)  # first: whatever refuses a request has an id to name
    locale.init_app(app)
    addresses.init_app(app)
    guards.init_app(app)
    uploads.init_app(app, limit=settings.max_upload_bytes)  # before CSRF, which reads the form
    _csrf.init_app(app)
    errors.init_app(app)
    render.init_app(app, settings)
    app.jinja_env.filters |= {"blocks": marks.blocks, "plain": marks.plain, "mathml": formulas.mathml}
    blueprints.register(app)
    for view in app.view_functions.values():
        spec = jsonapi.spec_of(view)
        if spec is not None and spec.csrf_exempt:
            _csrf.exempt(f"{view.__module__}.{view.__name__}")
    _load_entry_modules()
    guards.refuse_unguarded(app)
    _serve_static(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1, x_host=1)  # type: ignore[method-assign]  # as Flask says
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.secure_cookies
    return {
        "SECRET_KEY": settings.secret_key,
        "TRUSTED_HOSTS": [urlsplit(settings.base_url).hostname] if settings.mode == "production" else None,
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(settings.database),
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "WTF_CSRF_TIME_LIMIT": None,  # lives as long as the session: an hour would break a two-hour exam
        "WTF_CSRF_SSL_STRICT": False,  # Sec-Fetch-Site and the token decide; a proxy may end TLS
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.max_body_bytes,
        "MAX_FORM_PARTS": 400,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _wire_infra(app: Flask, settings: Settings) -> None:
    Path(settings.home).mkdir(parents=True, exist_ok=True)
    crypto.configure(
        settings.field_key,
        settings.field_key_id,
        old=settings.old_field_keys,
        index_key=settings.index_key,
        index_key_next=settings.index_key_next,
        record_key=settings.record_key,
        reads_unbound=settings.field_unbound or settings.demo,  # a demo's home may be older than the binding
    )
    storage.configure(settings.home / "storage")
    sandbox.configure(settings.fence, required=settings.mode == "production")
    db.db.init_app(app)
    with app.app_context():
        engine = db.db.engine
    db.prepare(engine)
    db.bind(engine)
    db.check_pragmas()


def _wire_ports(settings: Settings) -> None:
    rules = duties.Rules(
        password_max_days_privileged=settings.password_max_days_privileged,
        idle_minutes_learner=settings.idle_minutes_learner,
        idle_minutes_staff=settings.idle_minutes_staff,
    )

    def load_principal(session_id: UUID, now: datetime) -> Principal | None:
        with db.reading() as session:
            found = access_queries.principal_of_session(session, session_id, rules=rules, now=now)
        return found and sessions.stays(found, busy=ports.busy, now=now)

    def renewed(principal: Principal, now: datetime) -> Principal | None:
        with db.reading() as session:
            return access_queries.renewed(session, principal, now=now)

    def busy(person_id: UUID, since: datetime) -> bool:
        with db.reading() as session:
            return learning.watched_since(session, person_id, since) or exams.sat_since(session, person_id, since)

    def takes_two(helper: Principal, person_id: UUID, now: datetime) -> bool:
        with db.reading() as session:
            return bool(access.offers(session, helper, person_id, now=now))

    def hours_put_off(session: Session, person_id: UUID, worth: int, now: datetime) -> date | None:
        a_day = settings_module.current().hours_a_day * 100
        return hours.put_off_until(session, person_id, worth, a_day=a_day, now=now)

    ports.load_principal.plug(load_principal)
    ports.renewed.plug(renewed)
    ports.still_holds.plug(access_queries.still_holds)
    ports.busy.plug(busy)
    ports.note_act.plug(lambda principal, now: sessions.touch_if_due(principal, now=now))
    ports.refused.plug(lambda who, view, route, status, now: audit.note_refusal(who, view, route, status, now=now))
    ports.may.plug(access.may)
    ports.scopes_for.plug(access.scopes_for)
    ports.outranks.plug(access.outranks)
    ports.could_issue.plug(access.could_issue)
    ports.takes_two.plug(takes_two)
    ports.class_standing.plug(learning.completed_counts)
    ports.person_names.plug(accounts.names)
    ports.names_within.plug(accounts.names_within)
    ports.mail_addresses.plug(accounts.mail_addresses)
    ports.role_name.plug(lambda role: str(ROLE_NAMES.get(role, role)))
    ports.asks_id_number.plug(classes.asks_id_number)
    ports.hours_put_off.plug(hours_put_off)
    ports.navigation.plug(navigation.items)


def _load_entry_modules() -> None:
    for subject in SUBJECTS:
        for name in ENTRY_MODULES:
            if (Path(__file__).parent / subject / f"{name}.py").exists():
                import_module(f"lms.{subject}.{name}")


def _serve_static(app: Flask) -> None:
    dist = paths.static_dist()
    dist.mkdir(parents=True, exist_ok=True)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # as Flask says
        app.wsgi_app,
        root=str(dist),
        prefix="static/",
        immutable_file_test=lambda _path, url: "-" in url.rsplit("/", 1)[-1],
        allow_all_origins=False,
        add_headers_function=headers.add_static,
    )
