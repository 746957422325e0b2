"""What the worker repeats for question banks."""

from lms.infra import jobs
from lms.questionbank import service


@jobs.sweep(seconds=20)
def compare_items() -> None:
    """Looks for near-duplicates of what was written, imported or handed in since."""
    service.compare_some()
