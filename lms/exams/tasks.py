"""What the worker repeats for exams."""

from datetime import datetime
from random import SystemRandom
from uuid import UUID

from lms import settings as settings_module
from lms.exams import service
from lms.infra import jobs
from lms.kernel import clock


@jobs.sweep(seconds=5)
def submit_overdue() -> None:
    """Hands in what is saved when time is over, whether or not a page is still open."""
    service.submit_overdue(now=clock.now())


@jobs.sweep(seconds=10)
def prepare_papers() -> None:
    """Draws papers before many want one in the same minute."""
    service.prepare_papers(most=settings_module.current().papers_ahead, now=clock.now(), rng=SystemRandom())


@jobs.sweep(seconds=5)
def carry_out_more_time() -> None:
    """Finishes more time that was confirmed while the process that gave it died."""
    service.carry_out_confirmed(now=clock.now())


@jobs.sweep(seconds=3600)
def forget_events() -> None:
    """Removes what was told of attempts once it is old enough."""
    service.forget_events(now=clock.now())


@jobs.sweep(seconds=60)
def queue_missing() -> None:
    """Brings answers into the marking queue that were handed in before there was one."""
    service.queue_missing(now=clock.now())


@jobs.handler(service.REGRADE_JOB)
def regrade(job: jobs.Job) -> None:
    """Foresees, or carries out, what a corrected key does; goes on where a killed worker was."""
    service.walk(UUID(job.payload["regrade_id"]), job.payload["step"], clock=clock.now, report=job.report)


@jobs.sweep(seconds=300)
def queue_figures() -> None:
    """Has the figures of exams with new results made anew."""
    service.queue_figures(now=clock.now())


@jobs.handler(service.FIGURES_JOB)
def count_figures(job: jobs.Job) -> None:
    """Makes the figures of an exam anew."""
    until = datetime.fromisoformat(job.payload["until"])
    service.count_figures(UUID(job.payload["exam_id"]), until=until, now=clock.now())
