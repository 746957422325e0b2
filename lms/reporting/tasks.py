"""What the worker does for figures over units: counting what is due, reconciling every night, and reminding."""

from datetime import time

import structlog

from lms import settings as settings_module
from lms.infra import jobs
from lms.infra.db import unit_of_work
from lms.infra.jobs import Job
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.reporting import service
from lms.reporting.domain.reminders import stages_of

log = structlog.get_logger()

RECONCILE = "reporting.reconcile"
NIGHT = time(2, 0)
BATCHES_A_SWEEP = 50


@jobs.sweep(seconds=10)
def count() -> None:
    """Counts what is due; bounded, so that other repeated work has its turn."""
    for _ in range(BATCHES_A_SWEEP):
        if not service.count_due(now=clock.now()):
            return


@jobs.sweep(seconds=600)
def queue_year() -> None:
    """Asks for everybody's standing when a year begins."""
    service.queue_year(now=clock.now())


@jobs.handler(service.YEAR_JOB)
def open_year(_job: Job) -> None:
    """Makes everybody due."""
    service.open_year()


@jobs.sweep(seconds=600)
def queue_reconciliation() -> None:
    """Asks for the night's reconciliation, once a day from two o'clock on in Shanghai."""
    now = clock.now()
    local = now.astimezone(SHANGHAI)
    if local.time() >= NIGHT:
        with unit_of_work() as session:
            jobs.enqueue(session, RECONCILE, {}, now=now, dedup_key=local.date().isoformat())


@jobs.handler(RECONCILE)
def reconcile(_job: Job) -> None:
    """Proves the figures and says which differ."""
    for one in service.reconcile_and_record(now=clock.now()):
        log.error("figure differs", what=one.what, where=one.where, stored=one.stored, counted=one.counted)


@jobs.sweep(seconds=3600)
def queue_stage() -> None:
    """Asks for the reminder that is due before the year's end."""
    service.queue_stage(stages_of(settings_module.current().reminder_days), now=clock.now())


@jobs.handler(service.STAGE_JOB)
def remind_stage(job: Job) -> None:
    """Reminds everybody who is behind."""
    service.count_all(now=clock.now())
    service.remind_stage(job.payload["year"], job.payload["stage"], now=clock.now())


@jobs.handler(service.ORDER_JOB)
def remind(job: Job) -> None:
    """Reminds the people whom staff chose."""
    service.remind(job.payload, now=clock.now())
