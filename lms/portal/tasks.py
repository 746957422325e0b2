"""The demo's work in the worker: lectures, the reviewers' steps, learners."""

from uuid import UUID

from lms import settings as settings_module
from lms.infra import jobs
from lms.infra.jobs import Job
from lms.kernel import clock
from lms.portal import demo


@jobs.handler(demo.COURSE_JOB)
def hand_in_course(job: Job) -> None:
    """Makes one lecture and hands it in."""
    demo.hand_in_course(job.payload["folder"], settings_module.current(), hold=job.hold, now=clock.now())


@jobs.handler(demo.LEARNERS_JOB)
def add_learners(job: Job) -> None:
    """Adds the learners that were asked for."""
    demo.add_learners(UUID(job.payload["class_id"]), settings_module.current(), now=clock.now())


@jobs.sweep(seconds=1)
def go_on() -> None:
    """Reviews what was handed in, opens the class, writes demo.json."""
    settings = settings_module.current()
    if settings.demo:
        demo.go_on(settings, now=clock.now())
