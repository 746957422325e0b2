"""Starts a WSGI application under gunicorn as production does, and ends it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.client import Connection, Request
from bench.machine import children, cpu_ms
from lms.cli.serve import gunicorn_arguments

START_SECONDS = 120  # a busy machine imports slowly


class Server:
    """A running gunicorn on a free port of this machine."""

    def __init__(
        self, application: str, environment: Mapping[str, str], log: Path, *, workers: int, threads: int
    ) -> None:
        self._log = log
        self.workers = workers
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._command = gunicorn_arguments(host="127.0.0.1", port=self.port, workers=workers, threads=threads)
        self._command[self._command.index("lms.wsgi:application")] = application
        self._environment = {**os.environ, **environment}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                if Connection(self.port).send(Request("GET", "/healthz")) == 200:
                    return self
            except OSError:
                pass
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__(None, None, None)
                raise SystemExit(f"the server does not start:\n{self._log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def cpu_ms(self) -> float:
        """Processor time of the workers so far."""
        return cpu_ms(children(self._process.pid))


def run_world(environment: Mapping[str, str], *arguments: str) -> Any:
    """What `python -m bench.world` says, in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.world", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(said.stdout.splitlines()[-1])


def new_environment(home: str, database_url: str) -> dict[str, str]:
    """Settings of a production server on this machine, with secrets of this run."""
    return {
        "LMS_MODE": "production",
        "LMS_HOME": home,
        "LMS_DATABASE_URL": database_url,
        "LMS_SECRET_KEY": secrets.token_urlsafe(48),
        "LMS_FIELD_KEY": secrets.token_urlsafe(48),
        "LMS_INDEX_KEY": secrets.token_urlsafe(48),
        "LMS_RECORD_KEY": secrets.token_urlsafe(48),
        "LMS_PRIVACY_CONTACT": "bench@example.org",
        "LMS_SECURE_COOKIES": "0",
        "LMS_BASE_URL": "http://127.0.0.1",
        "LMS_LOG_LEVEL": "INFO",
    }
