"""Every blueprint and its URL prefix on one screen."""
# TEMPORARY: modules that are still being written are passed over.

from importlib import import_module
from pathlib import Path

from flask import Flask

_NAMES = (
    ("portal.views", ""),
    ("portal.api", ""),
    ("portal.staff_views", "/staff"),
    ("accounts.views", ""),
    ("accounts.api", "/api/v1"),
    ("video.views", ""),
    ("catalogue.views", ""),
    ("catalogue.staff_views", "/staff"),
    ("classes.staff_views", "/staff"),
    ("learning.views", ""),
    ("learning.api", "/api/v1"),
    ("exams.views", ""),
    ("exams.api", "/api/v1"),
    ("hours.views", ""),
    ("hours.api", "/api/v1"),
    ("certificates.views", ""),
    ("certificates.api", "/api/v1"),
)


def register(app: Flask) -> None:
    """Mounts all blueprints."""
    for name, prefix in _NAMES:
        place = Path(__file__).parent / name.replace(".", "/")
        if place.is_dir() or place.with_suffix(".py").exists():
            app.register_blueprint(import_module(f"lms.{name}").bp, url_prefix=prefix or None)
