"""What the worker repeats for exams."""

from lms.exams import service
from lms.infra import jobs
from lms.kernel import clock


@jobs.sweep(seconds=5)
def submit_overdue() -> None:
    """Hands in what is saved when time is over, whether or not a page is still open."""
    service.submit_overdue(now=clock.now())
