"""Renders pages: one function, with what every template may count on."""

from typing import Any

from flask import Flask, make_response, render_template, request
from flask.wrappers import Response
from flask_babel import get_locale
from jinja2 import StrictUndefined

from lms import settings as settings_module
from lms.web import assets, filters, login, ports


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of finished data; nothing is queried while it renders. Never kept by shared caches."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask, settings: settings_module.Settings) -> None:
    """Sets up Jinja: an unknown variable is an error, filters, and the names that layouts use."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.FILTERS)
    app.jinja_env.globals["asset_url"] = assets.asset_url  # macros are imported without the page's context

    @app.context_processor
    def _layout() -> dict[str, Any]:
        principal = login.on_page()
        return {
            "principal": principal,
            "session_seconds": login.seconds_left(principal),
            "nav_items": ports.navigation(principal),
            "demo": settings.demo,
            "locale": "en" if str(get_locale()).startswith("en") else "zh",
            "current_path": request.path,
        }
