"""What the worker repeats for the record: sealing every few seconds, a whole verification every night."""

from datetime import time

from lms import settings as settings_module
from lms.audit import service
from lms.infra import jobs
from lms.infra.db import unit_of_work
from lms.infra.jobs import Job
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI

VERIFY = "audit.verify"
NIGHT = time(3, 0)


@jobs.sweep(seconds=20)
def seal() -> None:
    """Seals what has been committed since the last time; another worker's sealer makes this one wait its turn."""
    service.seal_all(settings_module.current().seal_log_path, now=clock.now())


@jobs.sweep(seconds=600)
def queue_verification() -> None:
    """Asks for the night's verification, once a day from three o'clock on in Shanghai."""
    now = clock.now()
    local = now.astimezone(SHANGHAI)
    if local.time() >= NIGHT:
        with unit_of_work() as session:
            jobs.enqueue(session, VERIFY, {}, now=now, dedup_key=local.date().isoformat())


@jobs.handler(VERIFY)
def verify(_job: Job) -> None:
    """Verifies everything and keeps the result in the record."""
    service.verify_and_record(settings_module.current().seal_log_path, now=clock.now())
