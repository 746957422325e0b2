"""Follows what ends playing at once: a withdrawn lecture, a disabled account."""

from datetime import datetime
from uuid import UUID

from lms.accounts.events import account_disabled
from lms.catalogue.events import LectureWithdrawn, lecture_withdrawn
from lms.learning import service


@lecture_withdrawn.connect
def _on_lecture_withdrawn(_sender: object, event: LectureWithdrawn) -> None:
    service.revoke_leases(asset_id=event.asset_id, now=event.at)


@account_disabled.connect
def _on_account_disabled(_sender: object, person_id: UUID, at: datetime) -> None:
    service.revoke_leases(person_id=person_id, now=at)
