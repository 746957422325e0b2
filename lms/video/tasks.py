"""The job that checks and encodes an upload, and the clearing away of what killed processes left behind."""

from uuid import UUID

from lms import settings as settings_module
from lms.infra import ffmpeg, jobs
from lms.infra.jobs import GiveUp, Job
from lms.infra.storage import storage
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.video import queries, service


@jobs.handler(queries.PROCESS)
def process(job: Job) -> None:
    """Runs the check and the encoder; what fails for good is told to the uploader."""
    asset_id = UUID(job.payload["asset_id"])
    settings = settings_module.current()
    try:
        service.process(
            asset_id,
            limits=service.Limits(max_minutes=settings.max_video_minutes),
            program=ffmpeg.find(settings.ffmpeg),
            report=job.report,
            clock=clock.now,
        )
    except NotFound as error:
        service.give_up(asset_id, now=clock.now())
        raise GiveUp("the asset or its file is gone") from error
    except Exception:
        if job.last_attempt:
            service.give_up(asset_id, now=clock.now())
        raise


@jobs.sweep(seconds=300)
def clear_scratch() -> None:
    """Removes scratch folders of processes that were killed."""
    storage().clear_scratch()


@jobs.sweep(seconds=3600)
def clear_strays() -> None:
    """Removes uploads whose web process was killed before it could store them."""
    service.clear_strays(now=clock.now())
