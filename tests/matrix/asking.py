"""One of the processes that ask: its world, and what it finds."""

import os
import secrets
import time
from pathlib import Path

from lms.app import create_app
from lms.infra import schema
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.settings import Settings
from tests.matrix.findings import Survey
from tests.matrix.probe import Probe
from tests.matrix.survey import survey
from tests.matrix.world import build

_probe: Probe | None = None


def begin(homes: str) -> None:
    """Builds the world in a database of its own."""
    global _probe
    home = Path(homes) / str(os.getpid())
    home.mkdir()
    app = create_app(
        Settings(
            mode="test",
            home=home,
            secret_key=secrets.token_hex(32),
            field_key=secrets.token_hex(32),
            secure_cookies=False,
            base_url="http://localhost",
            log_level="CRITICAL",
        )
    )
    schema.upgrade()
    with unit_of_work():  # one transaction rather than thousands
        world = build(clock.now())
    _probe = Probe(app, world)


def count() -> int:
    """How many addresses there are."""
    assert _probe
    return len(_probe.addresses)


def ask(number: int) -> Survey:
    """What everybody meets at one of them."""
    assert _probe
    found = survey(_probe, number)
    found.seconds = time.process_time()
    return found
