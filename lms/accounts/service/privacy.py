"""Keeps what people agreed to: which text, in which version, from when, until they took it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import notice
from lms.accounts.domain.notice import CURRENT_VERSION
from lms.accounts.models import ConsentRow
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict


class NoticeChanged(Conflict):
    """The text that was agreed to is not the one that holds now."""

    code, title = "notice_changed", N_("告知内容已更新，请重新阅读后再同意")


def accept(person_id: UUID, version: str, now: datetime) -> None:
    """The person accepts the privacy notice; a second time changes nothing. Raises NoticeChanged for another version."""
    give(person_id, notice.PRIVACY, version, now=now)


def give(person_id: UUID, kind: str, version: str, *, now: datetime) -> None:
    """Stores a consent of `kind`; one that stands in this version stays. Raises NoticeChanged."""
    if version != notice.CURRENT[kind]:
        raise NoticeChanged
    with unit_of_work() as session:
        queries.lock_person(session, person_id)
        standing = session.execute(
            select(ConsentRow.id).where(
                ConsentRow.person_id == person_id,
                ConsentRow.kind == kind,
                ConsentRow.version == version,
                ConsentRow.withdrawn_at.is_(None),
            )
        ).first()
        if standing is not None:
            return
        session.add(ConsentRow(id=ids.new_id(now), person_id=person_id, kind=kind, version=version, given_at=now))
        session.flush()
        _note(session, "consent.given", person_id, kind, version, now=now)


def end(session: Session, person_id: UUID, kind: str, *, now: datetime) -> bool:
    """Ends the standing consents of a kind in the running unit of work; the rows stay. False when none stood."""
    ended = session.execute(
        update(ConsentRow)
        .where(ConsentRow.person_id == person_id, ConsentRow.kind == kind, ConsentRow.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(ConsentRow.version)
        .execution_options(synchronize_session=False)
    ).all()
    for row in ended:
        _note(session, "consent.ended", person_id, kind, row.version, now=now)
    return bool(ended)


def _note(session: Session, action: str, person_id: UUID, kind: str, version: str, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="person",
        object_id=person_id,
        actor_id=person_id,
        details={"kind": kind, "version": version},
        now=now,
    )


__all__ = ["CURRENT_VERSION", "NoticeChanged", "accept", "end", "give"]
