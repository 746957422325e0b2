"""Which language a page speaks: what the visitor chose, else Chinese."""

from flask import Flask, request
from flask_babel import Babel

from lms import paths

COOKIE = "lms_language"
LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
_babel = Babel()


def _chosen() -> str:
    return LANGUAGES.get(request.cookies.get(COOKIE, "zh"), LANGUAGES["zh"])


def init_app(app: Flask) -> None:
    """Sets up the catalogues; the source texts are Chinese, so that Chinese needs none."""
    _babel.init_app(
        app,
        default_locale=LANGUAGES["zh"],
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(paths.translations()),
        locale_selector=_chosen,
    )
