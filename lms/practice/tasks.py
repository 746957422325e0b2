"""What the worker repeats for practice."""

from lms.infra import jobs
from lms.kernel import clock
from lms.practice import service


@jobs.sweep(seconds=86400)
def purge_practice() -> None:
    """Removes practice that is older than its retention."""
    service.purge(now=clock.now())
