"""Follows what ends playing at once, a withdrawn lecture, a disabled account, a sign-out; and what lets a lease pay."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import account_disabled, personal_data, signed_out
from lms.catalogue.events import LectureWithdrawn, lecture_withdrawn
from lms.learning import queries, service
from lms.learning.queries import classrooms
from lms.learning.service import classroom
from lms.video.events import playlist_fetched


@lecture_withdrawn.connect
def _on_lecture_withdrawn(_sender: object, event: LectureWithdrawn) -> None:
    classroom.end_rooms_of(asset_id=event.asset_id, now=event.at)  # a room before the leases of who sits there
    service.revoke_leases(asset_id=event.asset_id, now=event.at)


@account_disabled.connect
def _on_account_disabled(_sender: object, person_id: UUID, at: datetime) -> None:
    classroom.end_rooms_of(host_id=person_id, now=at)
    service.revoke_leases(person_id=person_id, now=at)


@signed_out.connect
def _on_signed_out(_sender: object, session_ids: Iterable[UUID], at: datetime) -> None:
    service.end_signed_out(session_ids, now=at)


@playlist_fetched.connect
def _on_playlist_fetched(_sender: object, asset_id: UUID, mark: str, at: datetime) -> None:
    service.note_playlist(asset_id, mark, now=at)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "learning", [
        {"course": one.title, "watched_ms": one.credited_ms, "completed_at": one.completed_at}
        for one in queries.studied(session, person_id)
    ]


@personal_data.connect
def _on_personal_data_of_classrooms(
    _sender: object, session: Session, person_id: UUID
) -> tuple[str, list[dict[str, Any]]]:
    return "classrooms", [
        {
            "title": one.title,
            "place": one.place,
            "host": one.host_name,
            "came_at": one.came_at,
            "left_at": one.left_at,
            "credited_ms": one.credited_ms,
        }
        for one in classrooms.own_attendances(session, person_id)
    ]
