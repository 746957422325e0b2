"""Real processes on the database of the run, each killed at the end at the latest."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lms.settings import Settings
from tests.kill.processes import Machine

SHOWN = 4000
"""Characters of a log's beginning and of its end."""
KILLED = "was sent SIGKILL!"


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
    print(shortened(path.read_text(errors="replace")))


def shortened(text: str) -> str:
    """Both ends of a long log, without the master's word on each kill: the first fault says why, the last one where it ended."""
    text = "\n".join(line for line in text.splitlines() if KILLED not in line)
    return text if len(text) <= 2 * SHOWN else f"{text[:SHOWN]}\n[…]\n{text[-SHOWN:]}"
