"""Clears away what nobody handed in."""

from lms.catalogue import service
from lms.infra import jobs
from lms.kernel import clock


@jobs.sweep(seconds=3600)
def discard_unused_videos() -> None:
    """Removes videos that were uploaded long ago and stayed without a lecture."""
    service.discard_unused_videos(now=clock.now())
