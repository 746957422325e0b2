"""`lms doctor` finds each fault and names its mend; a healthy platform passes."""

import json
import os
import secrets
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from lms.infra import db, jobs, sandbox, schema
from lms.infra.authority import AuthorityFiles, make_demo_authority
from lms.kernel import clock
from lms.settings import Settings
from tests.service.cli.conftest import Command

NAMES = [
    "settings",
    "ffmpeg",
    "sandbox",
    "fonts",
    "front end",
    "keys",
    "storage",
    "database",
    "schema",
    "worker",
    "persons",
    "record",
]


def checks(result: Result) -> dict[str, dict[str, object]]:
    """The checks by name, from the JSON answer."""
    answer = json.loads(result.stdout)
    assert answer["ok"] is all(check["ok"] for check in answer["checks"])
    assert result.exit_code == (0 if answer["ok"] else 1)
    for check in answer["checks"]:
        assert set(check) == {"name", "ok", "detail", "mend"}
        assert check["detail"]
        assert bool(check["mend"]) is not check["ok"], check
    assert "Traceback" not in result.output
    return {check["name"]: check for check in answer["checks"]}


def fault(result: Result, name: str) -> str:
    """The words of the one fault that there is, with its mend."""
    found = checks(result)
    assert [check for check in found if not found[check]["ok"]] == [name]
    return f"{found[name]['detail']} | {found[name]['mend']}"


@pytest.fixture
def healthy(lms: Command) -> Command:
    jobs.beat("one", now=clock.now())
    return lms


def test_a_healthy_platform_passes(healthy: Command) -> None:
    found = checks(healthy("doctor", "--json"))
    assert [name for name in found if not found[name]["ok"]] == []
    assert list(found) == NAMES


def test_people_read_one_line_a_check(healthy: Command) -> None:
    result = healthy("doctor")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["ok"] * len(NAMES)


def test_people_read_the_mend_under_its_fault(lms: Command) -> None:
    result = lms("doctor")
    assert result.exit_code == 1
    assert "FAULT  worker" in result.stdout
    assert "mend:  start one: lms worker" in result.stdout


def test_a_missing_secret_is_a_fault_and_the_rest_is_still_looked_at(healthy: Command, tmp_path: Path) -> None:
    found = checks(healthy("doctor", "--json", "--home", tmp_path))
    assert list(found) == NAMES[:5]
    assert not found["settings"]["ok"] and found["ffmpeg"]["ok"]


def test_a_wrong_setting_is_named(healthy: Command) -> None:
    assert "LMS_SECRET_KEY" in str(checks(healthy("doctor", "--json", LMS_SECRET_KEY="secret"))["settings"]["detail"])
    assert "LMS_PORT" not in str(checks(healthy("doctor", "--json", LMS_WORKER_SLOTS="two"))["settings"]["detail"])


def test_a_wrong_setting_never_leads_to_the_demo(
    healthy: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = {"LMS_MODE": "demo", "LMS_HOME": str(tmp_path), "LMS_SECRET_KEY": "s" * 64, "LMS_FIELD_KEY": "f" * 64}
    (tmp_path / "demo-settings.json").write_text(json.dumps(demo))
    monkeypatch.setattr("lms.paths.default_home", lambda: tmp_path)
    found = checks(healthy("doctor", "--json", LMS_SECRET_KEY="secret"))
    assert not found["settings"]["ok"] and "LMS_SECRET_KEY" in str(found["settings"]["detail"])


def test_no_secret_is_told(healthy: Command, settings: Settings) -> None:
    for words in (("doctor",), ("doctor", "--json")):
        said = healthy(*words, LMS_DATABASE_URL="postgresql+psycopg://lms:hidden-word@127.0.0.1:1/lms").output
        assert settings.secret_key not in said and settings.field_key not in said
        assert "hidden-word" not in said


def test_a_database_that_does_not_answer(healthy: Command) -> None:
    said = fault(healthy("doctor", "--json", LMS_DATABASE_URL="postgresql+psycopg://lms@127.0.0.1:1/lms"), "database")
    assert "start the server" in said


def test_a_database_file_that_is_not_there_is_not_made(healthy: Command, tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite3"
    assert "lms db upgrade" in fault(healthy("doctor", "--json", LMS_DATABASE_URL=f"sqlite:///{file}"), "database")
    assert not file.exists()


def test_a_file_that_is_no_database(healthy: Command, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("这不是数据库。" * 200)
    fault(healthy("doctor", "--json", LMS_DATABASE_URL=f"sqlite:///{file}"), "database")


def test_an_old_schema(healthy: Command, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    engine = db.make_engine(address)
    db.bind(engine)
    schema.upgrade("0001")
    engine.dispose()
    found = checks(healthy("doctor", "--json", LMS_DATABASE_URL=address))
    assert found["schema"]["mend"] == "run: lms db upgrade"
    assert "0001" in str(found["schema"]["detail"])


def test_a_postgresql_that_may_lose_what_it_acknowledged(
    healthy: Command, settings: Settings, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "postgresql":
        pytest.skip("PostgreSQL only")
    weak = f"{settings.database_url}?options=-csynchronous_commit%3Doff"
    said = fault(healthy("doctor", "--json", LMS_DATABASE_URL=weak), "database")
    assert "synchronous_commit=off" in said


def test_sqlite_with_other_pragmas(
    healthy: Command, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("SQLite only")

    def differs() -> None:
        raise db.DatabaseFault("SQLite's journal_mode is delete, not wal")

    monkeypatch.setattr(db, "check_pragmas", differs)
    assert "journal_mode" in fault(healthy("doctor", "--json"), "database")


def test_a_silent_worker(lms: Command) -> None:
    assert "ever heard of" in fault(lms("doctor", "--json"), "worker")
    jobs.beat("one", now=clock.now() - timedelta(seconds=90))
    assert "lms worker" in fault(lms("doctor", "--json"), "worker")


def test_a_program_that_is_no_ffmpeg(healthy: Command) -> None:
    assert "LMS_FFMPEG" in fault(healthy("doctor", "--json", LMS_FFMPEG="/bin/true"), "ffmpeg")


def test_a_machine_without_a_fence(healthy: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "fence", lambda: sandbox._NO_FENCE)
    assert "bubblewrap" in fault(healthy("doctor", "--json"), "sandbox")


def test_a_fence_that_leaves_the_network_open(healthy: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "fence", lambda: sandbox.Fence("launcher", True, False, "Landlock ABI 1"))
    assert "Landlock ABI 1" in fault(healthy("doctor", "--json"), "sandbox")


def test_a_folder_of_fonts_that_is_not_there(healthy: Command, tmp_path: Path) -> None:
    assert "LMS_FONT_DIRS" in fault(healthy("doctor", "--json", LMS_FONT_DIRS=str(tmp_path / "none")), "fonts")


def test_fonts_that_were_never_built(healthy: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.paths.fonts", lambda: tmp_path)
    assert "Regular" in fault(healthy("doctor", "--json"), "fonts")


def test_bundles_that_were_never_built(healthy: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "static" / "dist").mkdir(parents=True)
    monkeypatch.setattr("lms.paths.static", lambda: tmp_path / "static")
    assert "app.css" not in fault(healthy("doctor", "--json"), "front end").split("|")[1]


def test_a_home_that_cannot_be_written(healthy: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = fault(healthy("doctor", "--json", LMS_HOME=str(tmp_path / "file")), "storage")
    assert "chown" in said


def test_a_full_disk(healthy: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=10))
    assert "LMS_HOME" in fault(healthy("doctor", "--json"), "storage")


def keys(tmp_path: Path) -> AuthorityFiles:
    return make_demo_authority(tmp_path / "signing", now=clock.now())


def production(lms: Command, files: AuthorityFiles, settings: Settings) -> Result:
    more = {"LMS_MODE": "production", "LMS_SIGNING_DIR": str(files.folder), "LMS_DATABASE_URL": settings.database}
    more |= {"LMS_INDEX_KEY": secrets.token_urlsafe(48), "LMS_RECORD_KEY": secrets.token_urlsafe(48)}
    more["LMS_PRIVACY_CONTACT"] = "工会培训部"
    return lms("doctor", "--json", LMS_MAX_UPLOAD_BYTES="1000", **more)


def test_keys_that_serve(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    found = checks(production(healthy, keys(tmp_path), settings))
    assert found["keys"]["ok"], found["keys"]
    assert "good until" in str(found["keys"]["detail"])


def test_keys_that_are_not_there(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    assert "LMS_SIGNING_DIR" in fault(production(healthy, AuthorityFiles(tmp_path / "none"), settings), "keys")


def test_a_key_that_others_may_read(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    files = keys(tmp_path)
    files.key.chmod(0o644)
    assert "chmod 600" in fault(production(healthy, files, settings), "keys")


def test_a_key_out_of_reach_is_as_it_must_be_for_the_web(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    files = keys(tmp_path)
    files.key.unlink()
    found = checks(production(healthy, files, settings))
    assert found["keys"]["ok"] and "worker" in str(found["keys"]["detail"])


def test_a_key_that_is_none(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    files = keys(tmp_path)
    files.key.write_text("no key")
    assert "signer.key" in fault(production(healthy, files, settings), "keys")


def test_roots_that_are_garbage(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    files = keys(tmp_path)
    files.roots.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "roots.pem" in fault(production(healthy, files, settings), "keys")


def test_a_certificate_that_has_ended(healthy: Command, settings: Settings, tmp_path: Path) -> None:
    files = make_demo_authority(tmp_path / "signing", now=clock.now() - timedelta(days=4000))
    assert "ended on" in fault(production(healthy, files, settings), "keys")


def test_the_console_script_needs_nothing_to_say_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lms", "doctor", "--json", "--home", tmp_path],
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["checks"][0]["name"] == "settings"
    assert "Traceback" not in done.stdout + done.stderr
