"""`lms demo`: the whole platform on its embedded default, for looking at it; `lms demo code` for second-factor codes."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unicodedata import east_asian_width

import click
import msgspec
import pyotp
import structlog

from lms import paths, settings as settings_module
from lms.audit import service as audit
from lms.cli.context import DEMO_SETTINGS, demo_settings
from lms.cli.serve import gunicorn_arguments
from lms.infra import parent, schema
from lms.kernel import clock
from lms.portal import demo as demo_setup, preparing
from lms.settings import Settings

log = structlog.get_logger()

RESTART_AFTER_SECONDS = 1.0
STOP_SECONDS = 12.0
PORT_SECONDS = 4.0
ROLE_NAMES = {
    "learner": "学员 learner",
    "uploader": "上传者 uploader",
    "province_reviewer": "省级审核 province reviewer",
    "national_reviewer": "全国审核 national reviewer",
    "class_manager": "学习管理员 class manager",
    "class_tutor": "网上班主任 class tutor",
    "unit_admin": "单位管理员 unit administrator",
    "teacher_pool_editor": "师资库管理员 teacher pool",
    "system_admin": "系统管理员 system administrator",
    "security_admin": "安全管理员 security administrator",
    "audit_admin": "审计管理员 audit administrator",
}
ROLE_WIDTH = 36


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=None, help="where the demo keeps its data")
@click.option("--fast", is_flag=True, help="lectures of about 6 seconds")
@click.option("--learners", default=0, show_default=True, help="learners who have finished all courses")
@click.pass_context
def demo(context: click.Context, host: str, port: int, home: Path | None, fast: bool, learners: int) -> None:
    """Set the demo up and run it until Ctrl-C."""
    home = (home or paths.default_home()).resolve()
    if context.invoked_subcommand is not None:
        context.ensure_object(object)
        context.meta["demo.home"] = home
        return
    settings = _prepare(home, host=host, port=port, fast=fast, learners=learners)
    if not _port_gets_free(host, port):
        raise click.ClickException(f"{host}:{port} 已被占用 is in use: choose another with --port")
    context.find_root().obj(settings)
    schema.upgrade()
    audit.adopt_tables(now=clock.now())
    demo_setup.make_people(settings, now=clock.now())
    if not (home / demo_setup.RESULT_FILE).is_file():
        preparing.report(0, len(demo_setup.course_folders()))
    _supervise(settings, host, port)


@demo.command()
@click.argument("username")
@click.pass_context
def code(context: click.Context, username: str) -> None:
    """Print the current second-factor code of a demo account."""
    home: Path = context.meta["demo.home"]
    settings = demo_settings(home)
    if settings is None:
        raise click.ClickException(f"no demo is set up in {home}")
    for account in demo_setup.accounts_of(settings):
        if account.username == username:
            if account.totp_secret is None:
                raise click.ClickException(f"{username} signs in without a code")
            click.echo(pyotp.TOTP(account.totp_secret).at(clock.now()))
            return
    raise click.ClickException(f"the demo has no account {username!r}")


def _prepare(home: Path, *, host: str, port: int, fast: bool, learners: int) -> Settings:
    """The demo's settings, with secrets made at the first start and kept in its home."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / DEMO_SETTINGS
    kept = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.is_file() else {}
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    values = {
        "LMS_MODE": "demo",
        "LMS_HOME": str(home),
        "LMS_SECRET_KEY": kept.get("LMS_SECRET_KEY") or secrets.token_urlsafe(48),
        "LMS_FIELD_KEY": kept.get("LMS_FIELD_KEY") or secrets.token_urlsafe(48),
        "LMS_SECURE_COOKIES": "0",
        "LMS_TOTP_SINGLE_USE": "0",  # the secrets lie in demo.json, and programs sign in in bursts
        "LMS_PASSWORD_MAX_DAYS_PRIVILEGED": "36500",  # those of demo.json stay right
        "LMS_BASE_URL": f"http://{shown}:{port}",
        "LMS_DEMO_FAST": "1" if fast else kept.get("LMS_DEMO_FAST", "0"),
        "LMS_DEMO_LEARNERS": str(learners or kept.get("LMS_DEMO_LEARNERS", "0")),
        "LMS_LOG_LEVEL": "WARNING",
    }
    for name in ("LMS_DATABASE_URL", "LMS_FFMPEG", "LMS_FENCE"):
        if value := os.environ.get(name, kept.get(name)):
            values[name] = value
    demo_setup.write_private(path, msgspec.json.encode(values))
    return settings_module.from_environment(values)


def _port_gets_free(host: str, port: int) -> bool:
    """Waits a moment for the web processes of a demo that was killed: they end a little later than it."""
    until = clock.monotonic() + PORT_SECONDS
    while not (free := _port_is_free(host, port)) and clock.monotonic() < until:
        clock.pause(0.2)
    return free


def _port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Child:
    """A process that is started again when it ends by itself."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._arguments = arguments
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._restart_at = 0.0

    def tend(self) -> None:
        """Starts the process, or starts it again a moment after it ended."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            log.error("process ended, starting it again", name=self.name, code=self._process.returncode)
            self._process = None
            self._restart_at = clock.monotonic() + RESTART_AFTER_SECONDS
        if clock.monotonic() >= self._restart_at:
            self._process = subprocess.Popen(
                self._arguments,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                preexec_fn=partial(parent.end_with, os.getpid(), signal.SIGTERM),
            )

    def stop(self) -> None:
        """Asks the process to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Waits for the end, and makes an end of it when it takes too long."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, until - clock.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _supervise(settings: Settings, host: str, port: int) -> None:
    environment = dict(os.environ)
    environment.update(msgspec.json.decode((settings.home / DEMO_SETTINGS).read_bytes(), type=dict[str, str]))
    web = Child("web", gunicorn_arguments(host=host, port=port, workers=2, threads=8), environment)
    worker = Child("worker", [sys.executable, "-m", "lms.worker"], environment)
    stopping = _until_signal()
    _announce(settings)
    shown = (-1, -1)
    while not stopping():
        web.tend()
        worker.tend()
        now_at = preparing.state()
        if now_at is not None and (now_at.ready, now_at.total) != shown:
            shown = (now_at.ready, now_at.total)
            click.echo(f"  课程准备中 preparing courses: {now_at.ready}/{now_at.total}")
        elif now_at is None and shown != (0, 0):
            shown = (0, 0)
            click.echo("  八门课程已全部就绪 all eight courses are ready")
        clock.pause(0.3)
    for child in (web, worker):
        child.stop()
    until = clock.monotonic() + STOP_SECONDS
    for child in (web, worker):
        child.wait(until)
    click.echo("已停止 stopped")


def _until_signal() -> Callable[[], bool]:
    caught: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: caught.append(received))
    return lambda: bool(caught)


def _padded(text: str, width: int) -> str:
    """The text with spaces up to a width; a Chinese character takes two columns of a terminal."""
    taken = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(0, width - taken)


def _announce(settings: Settings) -> None:
    click.echo("")
    click.echo(f"  工会干部网络培训平台（演示）  {settings.base_url}")
    click.echo("")
    for account in demo_setup.accounts_of(settings):
        line = f"  {_padded(ROLE_NAMES[account.role], ROLE_WIDTH)} {account.username:<14} {account.password}"
        click.echo(line + ("   + 动态码 code" if account.totp_secret else "               ") + f"   {account.unit}")
    click.echo("")
    click.echo(f"  动态验证码 second-factor code:  {sys.executable.removesuffix('python')}lms demo code USERNAME")
    click.echo("  Ctrl-C 停止 to stop")
    click.echo("")
    sys.stdout.flush()
