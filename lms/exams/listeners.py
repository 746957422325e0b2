"""Keeps people from being joined while one of them sits an exam, tells banks how their items did, and keeps candidates out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import people_joined, person_moved, personal_data
from lms.exams import queries, service
from lms.exams.queries.usage import usage
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict
from lms.organisations.events import units_moving
from lms.questionbank.events import Usage, banks_closing, keys_opening, usage_asked


class ExamUnderWay(Conflict):
    """The account that would go has an open attempt."""

    code, title = "exam_under_way", N_("要并入的账号正在考试，请在交卷之后再合并")


@people_joined.connect
def _on_people_joined(_sender: object, *, kept_id: UUID, gone_id: UUID, **_: Any) -> None:
    with unit_of_work() as session:
        if queries.has_open_attempt(session, gone_id):
            raise ExamUnderWay
        service.note_moved(session, person_id=kept_id)


@person_moved.connect
def _on_person_moved(_sender: object, session: Session, person_id: UUID, at: datetime) -> None:
    service.note_moved(session, person_id=person_id)


@units_moving.connect
def _on_units_moving(_sender: object, path: str, **_: Any) -> None:
    with unit_of_work() as session:  # before the move: after it the receivers, who have no order, change people's paths
        service.note_moved(session, paths=[path])


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "exams", [
        {
            "exam": one.exam_title,
            "attempt": one.attempt_no,
            "state": one.state.value,
            "started_at": one.started_at,
            "submitted_at": one.submitted_at,
            "score": one.result.score if one.result else None,
            "max_score": one.result.max_score if one.result else None,
            "passed": one.result.passed if one.result else None,
            "recorded": [
                {"what": told.kind.value, "amount": told.amount, "at": told.at}
                for told in queries.told(session, one.id)
            ],
        }
        for one in queries.attempts_of_person(session, person_id)
    ]


@usage_asked.connect
def _on_usage_asked(_sender: object, session: Session, version_ids: Sequence[UUID]) -> dict[UUID, Usage]:
    return usage(session, version_ids)


@banks_closing.connect
def _on_banks_closing(_sender: object, session: Session, person_id: UUID, at: datetime) -> frozenset[str]:
    return queries.closed_banks(session, person_id, now=at)


@keys_opening.connect
def _on_keys_opening(_sender: object, session: Session, bank_code: str, person_id: UUID, at: datetime) -> None:
    service.refuse_candidates(session, [bank_code], person_id, now=at)
