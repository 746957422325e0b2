"""Starts the platform's real processes, kills them as a power cut or the kernel would, and finds what outlives them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from lms.cli.serve import gunicorn_arguments
from lms.settings import Settings

PATIENCE = 60.0  # for what takes a second or two on a machine that has nothing else to do
LEASE_SECONDS = 1
DEFECT = "LMS_TEST_DEFECT"  # the variable that names what is planted


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What a process reads these settings from; leases are short, so that a killed worker's job is soon another's."""
    values = {
        "LMS_MODE": settings.mode,
        "LMS_HOME": str(settings.home),
        "LMS_DATABASE_URL": settings.database_url,
        "LMS_SECRET_KEY": settings.secret_key,
        "LMS_FIELD_KEY": settings.field_key,
        "LMS_SECURE_COOKIES": "0",
        "LMS_BASE_URL": settings.base_url,
        "LMS_LOG_LEVEL": "ERROR",
        "LMS_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    return {**os.environ, **values, **more}


def wait_for(what: str, condition: Callable[[], object], *, seconds: float = PATIENCE, pause: float = 0.02) -> None:
    """Returns when the condition holds; fails with `what` when it does not come to hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {what}"
        time.sleep(pause)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parents() -> dict[int, int]:
    """The parent of each living process; zombies do not live."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                found[int(place.name)] = int(parent)
    return found


def descendants(pid: int) -> set[int]:
    """Children, their children and so on, without the process itself."""
    parent_of = parents()
    family = {pid}
    while more := {child for child, parent in parent_of.items() if parent in family} - family:
        family |= more
    return family - {pid}


def alive(pids: set[int]) -> set[int]:
    """Those that still run."""
    return pids & parents().keys()


def mentioning(home: Path) -> dict[int, str]:
    """Processes that carry the home folder in their command line or environment, this one aside: command line by pid."""
    found = {}
    for pid in parents():
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            known_from = command + Path(f"/proc/{pid}/environ").read_bytes()
            if str(home).encode() in known_from and pid != os.getpid():
                found[pid] = command.replace(b"\0", b" ").decode(errors="replace")[:200]
    return found


class Process:
    """A child of the test, ended with it at the latest."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            arguments, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        self.pid = self._process.pid

    def ended(self) -> bool:
        """Whether it has ended, by whatever."""
        return self._process.poll() is not None

    @property
    def returncode(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def kill(self) -> set[int]:
        """SIGKILL for this process alone. Returns the descendants that it had."""
        left = descendants(self.pid)
        self._process.kill()
        self._process.wait()
        return left

    def stop(self) -> None:
        """An end in order, and by force when it takes too long."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def end(self) -> None:
        """Kills it with all its descendants, whatever state they are in."""
        for pid in self.kill() if not self.ended() else set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Machine:
    """Web and worker processes on one home and database; `kills` counts what was done to them."""

    def __init__(self, settings: Settings, log: IO[bytes]) -> None:
        self.settings = settings
        self.port = free_port()
        self.kills: dict[str, int] = {}
        self._log = log
        self._started: list[Process] = []
        self._workers: list[Process] = []
        self._web: Process | None = None
        self._orphans: set[int] = set()

    def start(self, arguments: list[str], **more: str) -> Process:
        """Any process with these settings."""
        process = Process(arguments, environment(self.settings, **more), self._log)
        self._started.append(process)
        return process

    def add_worker(self) -> Process:
        """A worker more."""
        worker = self.start([sys.executable, "-m", "lms.worker"])
        self._workers.append(worker)
        return worker

    def worker(self, pid: int) -> Process | None:
        """The living worker with this pid."""
        return next((one for one in self._workers if one.pid == pid and not one.ended()), None)

    def kill_worker(self, worker: Process) -> None:
        """kill -9; a fresh worker takes the place."""
        self._orphans |= worker.kill()
        self._workers.remove(worker)
        self._count("worker")
        self.add_worker()

    def kill_some_worker(self) -> None:
        """kill -9 of the oldest worker; a fresh one takes the place."""
        self.kill_worker(self._workers[0])

    def start_web(self, *, defect: str = "") -> None:
        """gunicorn as `lms serve` runs it, with two workers; with a `defect` of tests/kill/defects.py in them if need be."""
        arguments = gunicorn_arguments(host="127.0.0.1", port=self.port, workers=2, threads=8)
        if defect:
            arguments[arguments.index("lms.wsgi:application")] = "tests.kill.defects:application"
        self._web = self.start(arguments, **({DEFECT: defect} if defect else {}))
        wait_for("the web server answers", self._answers)

    def web_workers(self) -> list[int]:
        """The pids of the master's children."""
        return sorted(pid for pid, parent in parents().items() if self._web and parent == self._web.pid)

    def kill_web_worker(self, choose: Callable[[list[int]], int]) -> None:
        """kill -9 of one of the master's children; the master starts another."""
        pids = self.web_workers()
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choose(pids), signal.SIGKILL)
                self._count("web worker")

    def kill_web(self) -> None:
        """kill -9 of the master alone, and a new one at once, as a supervisor would start it."""
        assert self._web
        self._orphans |= self._web.kill()
        self._count("web master")
        self.start_web()

    def kill_everything(self) -> None:
        """kill -9 of the web server with its workers and of every worker, in one moment; nothing is started again."""
        assert self._web
        victims = [self._web, *self._workers]
        families = [descendants(one.pid) for one in victims]
        for pid in [one.pid for one in victims] + self.web_workers():
            os.kill(pid, signal.SIGKILL)
        self._orphans.update(*families)
        for one in victims:
            one.kill()
        self._web, self._workers = None, []
        self._count("everything")

    def no_orphan_lives(self) -> None:
        """What killed processes had started ends by itself."""
        wait_for("nothing outlives its killed parent", lambda: not alive(self._orphans), seconds=20)

    def stop(self) -> None:
        """Ends everything."""
        for process in self._started:
            process.end()

    def _answers(self) -> bool:
        assert self._web and not self._web.ended(), "the web server ended by itself"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _count(self, kind: str) -> None:
        self.kills[kind] = self.kills.get(kind, 0) + 1
