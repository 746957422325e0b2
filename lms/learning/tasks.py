"""What the worker repeats for learning, and what it does once for a signed classroom."""

from uuid import UUID

from lms.infra import jobs
from lms.kernel import clock
from lms.learning import service
from lms.learning.service import classroom, flags
from lms.learning.service.classroom.signing import CREDIT_JOB


@jobs.sweep(seconds=30)
def expire_silent_leases() -> None:
    """Closes leases whose pages have gone; whoever sits in a classroom is kept there before."""
    classroom.keep_present(now=clock.now())
    service.expire_silent_leases(now=clock.now())


@jobs.sweep(seconds=60)
def end_idle_classrooms() -> None:
    """Ends classrooms whose screens have gone."""
    classroom.end_idle_rooms(now=clock.now())


@jobs.handler(CREDIT_JOB)
def credit_classroom(job: jobs.Job) -> None:
    """Credits the people of a signed sheet."""
    classroom.credit_session(UUID(job.payload["session_id"]), now=clock.now())


@jobs.sweep(seconds=600)
def look_for_oddities() -> None:
    """Raises flags on leases that ended, and forgets origins that are old enough."""
    flags.look(now=clock.now())
    flags.forget_origins(now=clock.now())
