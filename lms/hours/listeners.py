"""Follows what fixes a course's worth and what earns it."""

from lms.catalogue.events import LecturePublished, lecture_published
from lms.hours import service
from lms.learning.events import CourseCompleted, course_completed


@lecture_published.connect
def _on_lecture_published(_sender: object, event: LecturePublished) -> None:
    service.fix_rule(event)


@course_completed.connect
def _on_course_completed(_sender: object, event: CourseCompleted) -> None:
    service.credit_course(event)
