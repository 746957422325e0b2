"""Follows what fixes a course's worth, what earns it, and who turned out to be one person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts.events import people_joined, personal_data
from lms.catalogue.events import LecturePublished, lecture_published
from lms.hours import queries, service
from lms.learning.events import CourseCompleted, ReversalProposed, course_completed, reversal_proposed


@lecture_published.connect
def _on_lecture_published(_sender: object, event: LecturePublished) -> None:
    service.fix_rule(event)


@course_completed.connect
def _on_course_completed(_sender: object, event: CourseCompleted) -> None:
    service.credit_course(event, a_day=settings_module.current().hours_a_day * 100)


@reversal_proposed.connect
def _on_reversal_proposed(_sender: object, event: ReversalProposed) -> None:
    service.propose_for_day(event.person_id, event.day, actor_id=event.proposed_by, reason=event.reason, now=event.at)


@people_joined.connect
def _on_people_joined(_sender: object, *, kept_id: UUID, at: datetime, actor_id: UUID, **_: Any) -> None:
    service.reverse_doubles(kept_id, actor_id=actor_id, now=at)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "hours", [
        {
            "title": entry.title,
            "hours": entry.hours / 100,
            "ledger": entry.ledger,
            "earned_at": entry.earned_at,
            "count_year": entry.count_year,
            "reversal": entry.reversal_of is not None,
        }
        for entry in queries.entries_of(session, person_id)
    ]


@personal_data.connect
def _on_waiting_asked_for(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "hours_waiting", [
        {"title": one.title, "hours": one.hours / 100, "completed_at": one.completed_at, "credit_on": one.credit_on}
        for one in queries.waiting(session, person_id)
    ]


@personal_data.connect
def _on_disputes_asked_for(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "hours_disputes", [
        {"about": about, "act": word.act, "outcome": word.outcome, "text": word.text, "at": word.at}
        for about, word in queries.words_about(session, person_id)
    ]
