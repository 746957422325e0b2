"""What commands share: the application built from the environment, or from a demo's home."""

import os
from pathlib import Path

import click
import msgspec
from flask import Flask

from lms import paths, settings as settings_module
from lms.settings import Settings, SettingsError

DEMO_SETTINGS = "demo-settings.json"


def demo_settings(home: Path) -> Settings | None:
    """The settings that `lms demo` wrote into its home, None when there are none."""
    path = home / DEMO_SETTINGS
    if not path.is_file():
        return None
    return settings_module.from_environment(msgspec.json.decode(path.read_bytes(), type=dict[str, str]))


def settings_here(home: Path | None = None) -> Settings:
    """Settings of the environment; without them those of the demo at `home` (or at its default place).

    Where the environment names a secret, a wrong setting is an error: whoever mistypes one does not act on a demo instead.
    """
    try:
        if home is None:
            return settings_module.from_environment()
    except SettingsError as error:
        if os.environ.get("LMS_SECRET_KEY"):
            raise click.ClickException(str(error)) from error
        found = demo_settings(paths.default_home())
        if found is None:
            raise click.ClickException(f"{error} (and no demo is set up here)") from error
        return found
    found = demo_settings(home)
    if found is None:
        raise click.ClickException(f"no demo is set up in {home}")
    return found


def application(context: click.Context, home: Path | None = None) -> Flask:
    """The application; `context.obj` is its factory."""
    app: Flask = context.find_root().obj(settings_here(home))
    return app
