"""What the worker does for hours: crediting what waited, closing years, following corrections, proving the ledger."""

from collections.abc import Iterator
from datetime import time

from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.audit import service as audit
from lms.audit.domain.findings import Finding, Kind
from lms.hours import queries, service
from lms.hours.domain.yearly import last_closed
from lms.infra import jobs
from lms.infra.db import unit_of_work
from lms.infra.jobs import Job
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI

CLOSE = "hours.close_year"
VERIFY = "hours.verify"
NIGHT, PROOF = time(1, 0), time(2, 0)


@jobs.sweep(seconds=300)
def credit_deferred() -> None:
    """Credits what the daily cap put off to today."""
    service.credit_deferred(now=clock.now())


@jobs.sweep(seconds=1800)
def queue_closing() -> None:
    """Asks, once a day from one o'clock on in Shanghai, for the records of the newest year that may be closed."""
    now = clock.now()
    local = now.astimezone(SHANGHAI)
    if local.time() >= NIGHT:
        year = last_closed(now, settings_module.current().hours_settle_days)
        with unit_of_work() as session:
            jobs.enqueue(session, CLOSE, {"year": year}, now=now, dedup_key=local.date().isoformat())


@jobs.handler(CLOSE)
def close_year(job: Job) -> None:
    """Records a year, and the next version of records whose lines were corrected since. Harmless twice."""
    days = settings_module.current().hours_settle_days
    service.close_year(int(job.payload["year"]), settle_days=days, now=clock.now())
    service.follow_corrections(settle_days=days, now=clock.now())


@jobs.sweep(seconds=1800)
def queue_verification() -> None:
    """Asks, once a day from two o'clock on in Shanghai, for the ledger to be worked out anew."""
    now = clock.now()
    local = now.astimezone(SHANGHAI)
    if local.time() >= PROOF:
        with unit_of_work() as session:
            jobs.enqueue(session, VERIFY, {}, now=now, dedup_key=local.date().isoformat())


@jobs.handler(VERIFY)
def verify(_job: Job) -> None:
    """Keeps the result in the record; a difference is told in the log and raises an alarm for audit administrators."""
    service.prove(now=clock.now())


@audit.register_check("years")
def _years(session: Session) -> Iterator[Finding | None]:
    for record_id, sound in queries.broken_records(session):
        yield (
            None
            if sound
            else Finding(
                Kind.LEDGER, "hours_year_record", record_id.hex, "the lines of this record are not those that it sums"
            )
        )
