"""The job that checks and encodes an upload, and the clearing away of what killed processes left behind."""

from uuid import UUID

import structlog

from lms import settings as settings_module
from lms.infra import ffmpeg, jobs
from lms.infra.db import unit_of_work
from lms.infra.jobs import GiveUp, Job
from lms.infra.sandbox import SandboxError
from lms.infra.storage import storage
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.video import queries, service

log = structlog.get_logger()


@jobs.handler(queries.PROCESS)
def process(job: Job) -> None:
    """Runs the check and the encoder; what fails for good is told to the uploader."""
    asset_id = UUID(job.payload["asset_id"])
    settings = settings_module.current()
    try:
        service.process(
            asset_id,
            max_minutes=settings.max_video_minutes,
            program=ffmpeg.find(settings.ffmpeg),
            report=job.report,
            clock=clock.now,
        )
    except NotFound as error:
        _give_up(job, "the asset or its file is gone", service.ENCODING_FAILED)
        raise GiveUp("the asset or its file is gone") from error
    except SandboxError as error:
        log.error("video not processed: no fence", asset_id=str(asset_id), fault=str(error), mend="see lms doctor")
        _give_up(job, str(error), service.NO_FENCE)
        raise GiveUp(str(error)) from error
    except Exception as error:
        if job.last_attempt:
            _give_up(job, f"{type(error).__name__}: {error}", service.ENCODING_FAILED)
        raise


def _give_up(job: Job, error: str, reason: str) -> None:
    """Lets asset and job fail in one step: whoever sees the one failed can ask for another try. Raises LeaseLost."""
    with unit_of_work():
        service.give_up(UUID(job.payload["asset_id"]), reason=reason, now=clock.now())
        job.hold()
        jobs.fail(job, error, now=clock.now(), final=True)


@jobs.sweep(seconds=60)
def give_up_lost() -> None:
    """Tells the uploaders of videos that killed their workers."""
    service.give_up_lost(now=clock.now())


@jobs.sweep(seconds=300)
def clear_scratch() -> None:
    """Removes scratch folders of processes that were killed."""
    storage().clear_scratch()


@jobs.sweep(seconds=3600)
def clear_strays() -> None:
    """Removes uploads whose web process was killed before it could store them."""
    service.clear_strays(now=clock.now())
