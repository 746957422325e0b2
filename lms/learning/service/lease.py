"""Opens leases and ends them: one live lease a person, never two at the same time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.learning import queries
from lms.learning.domain import beats
from lms.learning.domain.intervals import Span
from lms.learning.models import LeaseRow
from lms.learning.service.completing import ensure_progress

WATCHING = beats.Policy()
SILENCE = timedelta(milliseconds=WATCHING.forfeit_after_ms)  # a lease without a beat for 12 minutes has expired


@dataclass(frozen=True)
class OpenedLease:
    """A fresh lease with where the person stands; times in media milliseconds."""

    lease_id: UUID
    asset_id: UUID
    duration_ms: int
    watched: tuple[Span, ...]
    position_ms: int


def open_lease(lecture_id: UUID, *, person_id: UUID, enrolment_id: UUID | None, now: datetime) -> OpenedLease:
    """Opens a lease on a published lecture and supersedes the person's live one at once.

    Raises NotFound for a lecture that is not published and for an enrolment that is not the person's own or does not
    have the course.
    """
    try:
        return _open_lease(lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now)
    except IntegrityError:  # another page of the person opened one in the same moment; the later one wins
        return _open_lease(lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now)


def _open_lease(lecture_id: UUID, *, person_id: UUID, enrolment_id: UUID | None, now: datetime) -> OpenedLease:
    with unit_of_work() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        enrolment_id = _checked_enrolment(session, enrolment_id, person_id, lecture.course_id)
        accounts.lock_person(session, person_id)  # two pages of one person open leases one after the other
        opened_at = max(now, _last_end(session, person_id) or now)
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.person_id == person_id, LeaseRow.ended_at.is_(None))
            .values(state="superseded", ended_at=opened_at)
        )
        lease_id = ids.new_secret_id()
        session.add(
            LeaseRow(
                id=lease_id,
                person_id=person_id,
                asset_id=lecture.asset_id,
                lecture_id=lecture.lecture_id,
                course_id=lecture.course_id,
                enrolment_id=enrolment_id,
                state="active",
                opened_at=opened_at,
                last_beat_at=opened_at,
                held_ms=0,
                credited_ms=0,
                max_rate_percent=WATCHING.max_rate_percent,
                duration_ms=lecture.duration_ms,
                last_seq=0,
            )
        )
        ensure_progress(session, person_id, lecture.asset_id, now)
        session.flush()
        known = queries.progress(session, person_id, lecture.asset_id)
        return OpenedLease(lease_id, lecture.asset_id, lecture.duration_ms, known.watched, known.position_ms)


def revoke_leases(*, asset_id: UUID | None = None, person_id: UUID | None = None, now: datetime) -> None:
    """Ends live leases on an asset, or of a person, at once; what they credited is kept."""
    which = LeaseRow.asset_id == asset_id if asset_id is not None else LeaseRow.person_id == person_id
    with unit_of_work() as session:
        session.execute(
            update(LeaseRow)
            .where(which, LeaseRow.ended_at.is_(None))
            .values(state="revoked", ended_at=_not_before_opening(now))
        )


def expire_silent_leases(*, now: datetime) -> int:
    """Closes leases without a beat for 12 minutes. Returns how many."""
    with db.reading() as session:
        rows = session.execute(
            select(LeaseRow.id, LeaseRow.last_beat_at)
            .where(LeaseRow.state == "active", LeaseRow.last_beat_at < now - SILENCE)
            .limit(500)
        ).all()
    if not rows:
        return 0
    with unit_of_work() as session:
        for lease_id, last_beat_at in rows:
            session.execute(
                update(LeaseRow)
                .where(LeaseRow.id == lease_id, LeaseRow.state == "active", LeaseRow.last_beat_at == last_beat_at)
                .values(state="expired", ended_at=last_beat_at + SILENCE)
            )
    return len(rows)


def _not_before_opening(now: datetime) -> ColumnElement[datetime]:
    return case((LeaseRow.opened_at > now, LeaseRow.opened_at), else_=literal(now, LeaseRow.opened_at.type))


def _checked_enrolment(session: Session, enrolment_id: UUID | None, person_id: UUID, course_id: UUID) -> UUID | None:
    if enrolment_id is None:
        found = classes.enrolment_for_course(session, person_id, course_id)
        return found.id if found else None
    named = classes.enrolment_by_id(session, enrolment_id)
    has_course = course_id in classes.class_facts(session, named.class_id).course_ids
    own = named.person_id == person_id or named.person_id in accounts.alias_ids(session, person_id)
    if not own or not named.active or not has_course:
        raise NotFound
    return named.id


def _last_end(session: Session, person_id: UUID) -> datetime | None:
    """The latest moment that a lease of the person reaches, so that the next one can't overlap it."""
    reach = func.coalesce(LeaseRow.ended_at, LeaseRow.opened_at, type_=LeaseRow.opened_at.type)
    return session.execute(select(func.max(reach)).where(LeaseRow.person_id == person_id)).scalar()
