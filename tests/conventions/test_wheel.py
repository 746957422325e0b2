"""The wheel holds everything that travels, and the platform runs from it outside any checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

INSIDE = """
import secrets, sys
from pathlib import Path

import lms
from lms import paths
from lms.app import create_app
from lms.infra import db, schema
from lms.settings import Settings

place, home = Path(sys.argv[1]), Path(sys.argv[2])
assert Path(lms.__file__).is_relative_to(place), lms.__file__
folders = [paths.templates(), paths.migrations(), paths.question_banks(), paths.static_dist(), paths.fonts(), paths.assets()]
assert all(folder.is_dir() and folder.is_relative_to(place) for folder in folders), folders
settings = Settings(mode="test", home=home, secret_key=secrets.token_hex(32), field_key=secrets.token_hex(32), secure_cookies=False)
app = create_app(settings)
assert schema.difference()
schema.upgrade()
assert schema.difference() == []
browser = app.test_client()
for path in ("/", "/sign-in", "/register", "/courses", "/verify", "/healthz", "/api/v1/openapi.json"):
    assert browser.get(path).status_code == 200, path
assert browser.get("/nowhere").status_code == 404
page = browser.get("/").get_data(as_text=True)
bundle = page.split('"/static/')[1].split('"')[0]
assert browser.get(f"/static/{bundle}").status_code == 200, bundle
browser.set_cookie("lms_language", "en")
assert 'lang="en"' in browser.get("/").get_data(as_text=True)
schema.downgrade("base")
print("fine")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel, and the libraries of this one."""
    place = tmp_path_factory.mktemp("elsewhere")
    venv.create(place / "venv", with_pip=False)
    python = place / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--no-deps"]
    subprocess.run([*command, "--no-index", "--quiet", wheel], cwd=place, check=True, capture_output=True, timeout=120)
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(command: list[str | Path], folder: Path, **more: str) -> str:
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"} | more
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_everything_that_travels_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    data = {
        f"lms/_data/{path.relative_to(ROOT).as_posix()}"
        for folder in ("templates", "migrations", "question_banks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "lms").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".po"
    }
    assert len(data) > 40 and len(package) > 150
    assert not sorted((data | package) - names)


def test_nothing_else_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    assert not [name for name in names if not name.startswith("lms/") and ".dist-info/" not in name]
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3", ".mp4", ".key"))]


def test_the_platform_runs_from_it_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    said = run([installed, "-c", INSIDE, installed.parents[1], home], tmp_path)
    assert said.splitlines()[-1] == "fine"


def test_the_console_script_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    script = installed.with_name("lms")
    assert "doctor" in run([script, "--help"], tmp_path)
    settings = {
        "LMS_MODE": "test",
        "LMS_HOME": str(tmp_path / "home"),
        "LMS_SECRET_KEY": "a" * 40,
        "LMS_FIELD_KEY": "b" * 40,
    }
    assert run([script, "db", "upgrade"], tmp_path, **settings).strip() == "ok"
    assert run([script, "db", "check"], tmp_path, **settings).strip() == "ok"
    assert '"openapi": "3.1.0"' in run([script, "openapi"], tmp_path, **settings)
