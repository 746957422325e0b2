"""`lms doctor`: looks at everything the platform stands on and names the mend of each fault; changes nothing."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from lms import paths
from lms.accounts.queries import oversight
from lms.audit import queries as audit
from lms.cli.context import settings_here
from lms.cli.faults import first_line
from lms.infra import db, ffmpeg, jobs, pdfsign, sandbox, schema
from lms.infra.authority import AuthorityFiles
from lms.kernel import clock
from lms.kernel.quoted_numbers import without_quoted_numbers
from lms.portal.api import WORKER_SILENT_AFTER
from lms.settings import Settings, SettingsError
from lms.web import assets

DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
}
BUNDLES = ("app.css", "app.js", "player.css", "player.js", "exam.js", "upload.js")
DEMO_FREE_BYTES = 1 << 30
CONNECT_SECONDS = "5"


@dataclass(frozen=True)
class Check:
    """One thing looked at; `mend` says what to do about a fault and is empty when there is none."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


class Fault(Exception):
    """What is wrong, and what mends it."""

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(detail)
        self.mend = mend


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
def doctor(as_json: bool, home: Path | None) -> None:
    """Check settings, database, ffmpeg, sandbox, fonts, keys, storage, worker; exit 1 with the mend of each fault."""
    checks = [replace(check, detail=without_quoted_numbers(check.detail)) for check in _checks(home)]
    ok = all(check.ok for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{'ok   ' if check.ok else 'FAULT'}  {check.name:<9}  {check.detail}")
            if check.mend:
                click.echo(f"{'mend:':>16}  {check.mend}")
    if not ok:
        raise SystemExit(1)


def _checks(home: Path | None) -> Iterator[Check]:
    settings: Settings | None = None
    try:
        settings = settings_here(home)
        yield Check("settings", True, f"mode {settings.mode}, {settings.base_url}, home {settings.home}")
    except (click.ClickException, SettingsError, OSError, ValueError) as error:
        message = error.message if isinstance(error, click.ClickException) else str(error)
        yield Check("settings", False, message, "set it in the environment; docs/operations.md lists all settings")
    yield _check("ffmpeg", lambda: _ffmpeg(settings.ffmpeg if settings else ""))
    yield _check("sandbox", lambda: _sandbox(settings.fence if settings else "auto"))
    yield _check("fonts", lambda: _fonts(settings.font_dirs if settings else ""))
    yield _check("front end", _front_end)
    if settings is None:
        return
    kept = settings
    yield _check("keys", lambda: _keys(kept))
    yield _check("storage", lambda: _storage(kept))
    database = _check("database", lambda: _database(kept.database))
    yield database
    if database.ok:
        yield _check("schema", _schema)
        yield _check("worker", _worker)
        yield _check("persons", _persons)
        yield _check("record", _record)
    with suppress(db.DatabaseFault):  # raised when none was bound
        db.engine().dispose()


def _check(name: str, look: Callable[[], str]) -> Check:
    """The check's own words, or its fault; what it did not foresee is a fault as well."""
    try:
        return Check(name, True, look())
    except Fault as fault:
        return Check(name, False, str(fault), fault.mend)
    except Exception as error:  # a doctor that falls ill names no mend at all
        return Check(name, False, f"{type(error).__name__}: {first_line(error)}", "see the message")


def _ffmpeg(setting: str) -> str:
    try:
        program = ffmpeg.find(setting)
        return f"{program}, version {ffmpeg.version(program)}"
    except (ffmpeg.FfmpegMissing, OSError, subprocess.SubprocessError) as error:
        raise Fault(first_line(error), "install ffmpeg with libx264, or set LMS_FFMPEG to one") from error


def _sandbox(wanted: str) -> str:
    fence = sandbox.fence()
    if not (fence.isolates_files and fence.isolates_network):
        mend = (
            "install bubblewrap (apt install bubblewrap), or run a Linux kernel from 5.13 on with Landlock and seccomp"
        )
        raise Fault(fence.detail, mend)
    if wanted == "bwrap" and fence.name != "bubblewrap":
        raise Fault(f"{fence.detail}; LMS_FENCE asks for bubblewrap", "install bubblewrap, or set LMS_FENCE=auto")
    return f"{fence.detail}; files and network are out of reach"


def _fonts(font_dirs: str) -> str:
    missing = [folder for folder in font_dirs.split(":") if folder and not Path(folder).is_dir()]
    if missing:
        raise Fault(
            f"LMS_FONT_DIRS names {', '.join(missing)}, which is no folder", "make it, or correct LMS_FONT_DIRS"
        )
    found = sorted(path.name for path in paths.fonts().glob("*.otf"))
    if not any("Regular" in name for name in found) or not any("Bold" in name for name in found):
        raise Fault(f"{paths.fonts()} lacks Regular or Bold", "run `make run` or `node frontend/build.mjs`")
    return f"{', '.join(found)} in {paths.fonts()}"


def _front_end() -> str:
    try:
        missing = [
            url for url in map(assets.asset_url, BUNDLES) if not (paths.static() / "dist" / Path(url).name).is_file()
        ]
    except assets.AssetsMissing as error:
        raise Fault(str(error), "run `make run` or `node frontend/build.mjs`") from error
    if missing:
        raise Fault(f"{', '.join(missing)} is missing", "run `make run` or `node frontend/build.mjs`")
    return f"bundles in {paths.static_dist()}"


def _keys(settings: Settings) -> str:
    files = AuthorityFiles(settings.signing_folder)
    production = settings.mode == "production"
    if not production and not files.folder.exists():
        return f"{files.folder} is made with the first certificate"
    put = f"put signer.key (mode 600), signer.pem and roots.pem into {files.folder}, or set LMS_SIGNING_DIR"
    try:
        roots = pdfsign.read_roots(files.roots)
    except (pdfsign.SealFault, OSError) as error:
        raise Fault(first_line(error), f"let this user read {files.roots}: it is public") from error
    if not roots:
        raise Fault(f"{files.roots} is missing or empty: no certificate can be verified", put)
    if not _readable(files.key):
        if production:
            return f"{len(roots)} roots; the key is out of this user's reach, as it must be for the web: run this as the worker too"
        raise Fault(f"{files.key} can't be read", put)
    if files.key.stat().st_mode & 0o077:
        raise Fault(f"{files.key} is open to other users", f"chmod 600 {files.key}")
    try:
        signer = pdfsign.Signer(files.key, files.chain)
        ends = pdfsign.read_certificates(files.chain)[0].not_valid_after
    except pdfsign.SealFault as error:
        raise Fault(str(error), put) from error
    if ends <= clock.now():
        raise Fault(
            f"the signer's certificate ended on {ends:%Y-%m-%d}", "ask the authority for a new one; keep the old root"
        )
    return f"key {signer.key_id[:16]}…, good until {ends:%Y-%m-%d}; {len(roots)} roots"


def _readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def _storage(settings: Settings) -> str:
    folder = settings.home / "storage"
    there = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".doctor-") as probe:
            probe.write(b"x")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise Fault(f"{there} can't be written: {first_line(error)}", f"give it to this user: chown {there}") from error
    free = shutil.disk_usage(there).free
    wanted = 2 * settings.max_upload_bytes if settings.mode == "production" else DEMO_FREE_BYTES
    if free < wanted:
        raise Fault(
            f"{free / 1e9:.1f} GB free at {there}, {wanted / 1e9:.1f} GB wanted", "free space, or move LMS_HOME"
        )
    return f"{folder}{'' if folder.exists() else ' (made at the first start)'}, {free / 1e9:.1f} GB free"


def _database(address: str) -> str:
    url = make_url(address)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        raise Fault(f"{shown} does not exist", "run: lms db upgrade")
    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
    try:
        engine = db.make_engine(address)
        db.bind(engine)
        return f"{shown}, {_durability(engine)}"
    except (SQLAlchemyError, ImportError) as error:
        reason = first_line(getattr(error, "orig", None) or error)
        raise Fault(f"{shown}: {reason}", "start the server, or correct LMS_DATABASE_URL") from error


def _durability(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        try:
            db.check_pragmas()
        except db.DatabaseFault as error:
            raise Fault(str(error), "put the file on a local disk that this user may write") from error
        return ", ".join(f"{name}={value}" for name, value in db.SQLITE_PRAGMAS.items())
    with db.reading() as session:
        found = {name: str(session.execute(text(f"SHOW {name}")).scalar()) for name in DURABLE}
    weak = [name for name, values in DURABLE.items() if found[name] not in values]
    if weak:
        told = ", ".join(f"{name}={found[name]}" for name in weak)
        raise Fault(
            f"{told}: a power cut loses what was acknowledged", f"set {' and '.join(weak)} to on in postgresql.conf"
        )
    return ", ".join(f"{name}={value}" for name, value in found.items())


def _schema() -> str:
    problems = schema.difference()
    if problems:
        raise Fault("; ".join(problems), "run: lms db upgrade")
    return "at the newest revision"


def _persons() -> str:
    with db.reading() as session:
        count = oversight.count_persons(session)
    if count >= oversight.PERSONS_TO_WARN_AT:
        raise Fault(
            f"{count} persons' data are kept, and further duties begin at 10,000,000",
            "name a person and an office responsible for data security and prepare the yearly assessment "
            "(网络数据安全管理条例 28, 30, 32)",
        )
    return f"{count} persons"


def _record() -> str:
    """Warns without finding a fault: seals show what was changed, rights keep it from being changed."""
    with db.reading() as session:
        state = audit.chain_state(session)
        open_tables = audit.changeable_tables(session)
    told = f"seal {state.seal_no} of {state.sealed_at:%Y-%m-%d %H:%M} UTC" if state.seal_no else "no seal yet"
    if state.sound is False:
        raise Fault(f"{told}; the last verification found faults", "run: lms audit verify; see docs/audit.md")
    if open_tables:
        told += (
            f"; WARNING: this role could change {len(open_tables)} append-only tables, see docs/operations.md, Rights"
        )
    return told


def _worker() -> str:
    try:
        with db.reading() as session:
            beat_at = jobs.last_beat(session)
    except SQLAlchemyError as error:
        raise Fault("the table of workers can't be read", "run: lms db upgrade") from error
    if beat_at is None:
        raise Fault("no worker was ever heard of", "start one: lms worker")
    silent = clock.now() - beat_at
    if silent > WORKER_SILENT_AFTER:
        raise Fault(f"no worker was heard of for {silent.total_seconds():.0f} s", "start one: lms worker")
    return f"heard of {max(silent.total_seconds(), 0):.0f} s ago"
