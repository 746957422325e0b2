"""The worker process: claims jobs, keeps their leases alive, repeats sweeps. kill -9 at any moment loses nothing.

`python -m lms.worker` runs it; SIGTERM and SIGINT let running jobs go (their leases end and another worker takes them up).
"""

import os
import signal
import socket
import threading
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from lms import settings as settings_module
from lms.app import create_app
from lms.infra import db, jobs
from lms.infra.jobs import GiveUp, Job
from lms.kernel import clock, ids
from lms.kernel.quoted_numbers import without_quoted_id_numbers
from lms.settings import Settings

log = structlog.get_logger()

IDLE_SECONDS = 0.5
BEAT_SECONDS = 5.0
HOST_LENGTH = 40  # with pid, random part and slot a name stays within the 80 characters of its columns


class Worker:
    """Runs up to `worker_slots` jobs side by side and the sweeps in a thread of their own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self.name = f"{socket.gethostname()[:HOST_LENGTH]}:{os.getpid()}:{ids.new_secret_id().hex[:8]}"

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Asks all threads to end."""
        self._stop.set()

    def run(self) -> None:
        """Works until stop()."""
        log.info("worker started", worker=self.name)
        threads = [threading.Thread(target=self._sweep, name="sweep", daemon=True)]
        threads += [
            threading.Thread(target=self._work, args=(f"{self.name}:{slot}",), name=f"slot-{slot}", daemon=True)
            for slot in range(self._settings.worker_slots)
        ]
        for thread in threads:
            thread.start()
        while not self._stop.wait(1):
            if not all(thread.is_alive() for thread in threads):
                raise SystemExit("a thread of the worker ended: ending the process, its supervisor starts a new one")

    def _sweep(self) -> None:
        due = {name: 0.0 for name, _, _ in jobs.sweeps()}
        due["beat"] = 0.0
        while not self._stop.is_set():
            moment = clock.monotonic()
            for name, seconds, function in [*jobs.sweeps(), ("beat", BEAT_SECONDS, self._beat)]:
                if due[name] <= moment:
                    due[name] = moment + seconds
                    try:
                        function()
                    except Exception as error:
                        log.exception("sweep failed", sweep=name, error_type=type(error).__name__)
            self._stop.wait(IDLE_SECONDS)

    def _beat(self) -> None:
        jobs.beat(self.name, now=clock.now())

    def _work(self, owner: str) -> None:
        while not self._stop.is_set():
            try:
                job = jobs.claim(owner, now=clock.now(), lease_seconds=self._settings.job_lease_seconds)
            except Exception as error:
                log.exception("claim failed", error_type=type(error).__name__)
                self._stop.wait(2)
                continue
            if job is None:
                self._stop.wait(IDLE_SECONDS)
            else:
                self.run_job(job)

    def run_job(self, job: Job) -> None:
        """Runs one claimed job to its end, a new try or its failure."""
        handler = jobs.handler_of(job.kind)
        if handler is None:
            jobs.fail(job, f"this version has no handler for {job.kind}", now=clock.now(), final=False)
            return
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(job, ended), daemon=True)
        keeper.start()
        structlog.contextvars.bind_contextvars(job_id=str(job.id), kind=job.kind, attempt=job.attempt)
        started = clock.monotonic()
        try:
            handler(job)
        except Exception as error:
            final = jobs.fail(job, _told(error), now=clock.now(), final=isinstance(error, GiveUp))
            log.exception("job failed", final=final, error_type=type(error).__name__)
        else:
            jobs.finish(job, now=clock.now())
            log.info("job done", seconds=round(clock.monotonic() - started, 2))
        finally:
            ended.set()
            keeper.join(2)
            structlog.contextvars.clear_contextvars()

    def _keep(self, job: Job, ended: threading.Event) -> None:
        seconds = self._settings.job_lease_seconds
        while not ended.wait(seconds / 3):
            try:
                if not jobs.keep(job, now=clock.now(), lease_seconds=seconds):
                    log.warning("lease lost", job_id=str(job.id))
                    return
            except Exception as error:
                log.exception("lease not kept", error_type=type(error).__name__)


def _told(error: Exception) -> str:
    """What a job keeps of its error, without ID numbers: of the database's own only the kind, for PostgreSQL's words name the
    values of a row."""
    name = type(error).__name__
    return name if isinstance(error, SQLAlchemyError) else without_quoted_id_numbers(f"{name}: {error}")


def main() -> None:
    """Runs one worker until a signal ends it."""
    settings = settings_module.from_environment()
    create_app(settings)
    worker = Worker(settings)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    db.engine().dispose()
    os._exit(0)  # threads in the middle of a job must not hold the exit up: their leases run out


if __name__ == "__main__":
    main()
