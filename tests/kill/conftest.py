"""Real processes on the database of the run, each killed at the end at the latest."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lms.settings import Settings
from tests.kill.processes import Machine


@pytest.fixture
def machine(clean: Flask, settings: Settings, tmp_path: Path) -> Iterator[Machine]:
    """Where processes run; what they wrote is shown when the test fails."""
    path = tmp_path / "log"
    with path.open("wb") as log:
        machine = Machine(settings, log)
        try:
            yield machine
        finally:
            machine.stop()
    print(path.read_text(errors="replace")[-6000:])
