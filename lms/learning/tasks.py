"""What the worker repeats for learning."""

from lms.infra import jobs
from lms.kernel import clock
from lms.learning import service


@jobs.sweep(seconds=30)
def expire_silent_leases() -> None:
    """Closes leases whose pages have gone."""
    service.expire_silent_leases(now=clock.now())
