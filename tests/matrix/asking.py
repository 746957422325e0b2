"""The world that all processes ask about: built once before they begin, and copied by each, which finds what it finds in its own."""

import os
import secrets
import shutil
import time
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from lms.app import create_app
from lms.infra import db, schema
from lms.kernel import clock
from lms.settings import Settings
from tests.matrix.findings import Survey
from tests.matrix.people import World
from tests.matrix.probe import Probe, addresses
from tests.matrix.survey import survey
from tests.matrix.world import build

SECRET_KEY, FIELD_KEY = secrets.token_hex(32), secrets.token_hex(32)
HOME, TEMPLATES = "home", "templates"
_world: World | None = None
_probe: Probe | None = None


def prepare(folder: Path) -> int:
    """Builds the world in a folder, for processes that are forked afterwards; how many addresses there are to ask."""
    global _world
    app = _application(folder / HOME)
    schema.upgrade()
    with db.unit_of_work():  # one transaction rather than thousands
        _world = build(clock.now())
    db.engine().dispose()  # no connection may be shared by two processes
    (folder / TEMPLATES).mkdir()
    return len(addresses(app))


def begin(folder: str) -> None:
    """Takes a copy of the world; called first in each process."""
    global _probe
    assert _world
    home = Path(folder) / str(os.getpid())
    shutil.copytree(Path(folder) / HOME, home)
    app = _application(home)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(Path(folder) / TEMPLATES))  # compiled once for all
    _probe = Probe(app, _world)


def ask(number: int) -> Survey:
    """What everybody meets at one of the addresses."""
    assert _probe
    found = survey(_probe, number)
    found.seconds = time.process_time()
    return found


def _application(home: Path) -> Flask:
    return create_app(
        Settings(
            mode="test",
            home=home,
            secret_key=SECRET_KEY,
            field_key=FIELD_KEY,
            secure_cookies=False,
            base_url="http://localhost",
            log_level="CRITICAL",
        )
    )
