"""T14: fifty numbers, passwords, sign-ins, codes and unpublished items, planted through the pages, stand nowhere in clear."""

from pathlib import Path

import pytest
from flask import Flask

from lms.settings import Settings
from tests.factories.people import make_staff
from tests.factories.planted import found, places, plant


@pytest.mark.hard
def test_fifty_of_each_secret_stand_nowhere_in_clear(
    clean: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    planted = plant(clean, make_staff(), people=50)
    assert all(len(secrets) >= 50 for kind, secrets in planted.secrets.items() if kind != "second factor")
    assert found(planted, places(planted, settings, tmp_path)) == []
