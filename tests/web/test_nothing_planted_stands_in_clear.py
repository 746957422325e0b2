"""T14, its quick form: numbers, passwords, sign-ins, codes and unpublished items stand nowhere in clear; a leak is found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from lms.infra import outbox
from lms.infra.cache import cache
from lms.infra.db import unit_of_work
from lms.settings import Settings
from tests.factories.people import Staff, make_staff
from tests.factories.planted import EVERYWHERE, OF_CONTENT, Planted, found, places, plant


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff()


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that is this test's alone."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_nothing_planted_stands_in_clear(
    clean: Flask, staff: Staff, settings: Settings, temp: Path, tmp_path: Path
) -> None:
    planted = plant(clean, staff, people=2)
    assert planted.secrets.keys() == EVERYWHERE | OF_CONTENT
    where = places(planted, settings, tmp_path)
    assert found(planted, where) == []
    leaking = leaks(settings, temp, planted)
    assert where.keys() <= leaking.keys()
    for place in where:
        leaking[place](planted.secrets["id number"][0])
        assert (place, "id number") in found(planted, places(planted, settings, tmp_path)), f"not found in {place}"


def leaks(settings: Settings, temp: Path, planted: Planted) -> dict[str, Callable[[str], object]]:
    """How a number would get into each place."""

    def store(secret: str) -> None:
        with unit_of_work() as session:
            session.execute(text("UPDATE person SET post = :secret"), {"secret": secret})

    return {
        "logs": lambda secret: planted.logs.append({"event": "refused", "exception": f"DETAIL: Key ({secret})"}),
        "answers": lambda secret: planted.seen.append(f"<p>{secret}</p>"),
        "outbox": lambda secret: outbox.keep(settings.home / "outbox", ".eml", secret.encode()),
        "home": lambda secret: (settings.home / "left.txt").write_text(secret),
        "temp": lambda secret: (temp / "upload.tmp").write_text(secret),
        "cache": lambda secret: cache().set("people", secret.encode(), 60),
        "database": store,
        "backup": store,
    }
