"""Opens leases and ends them: one live lease a person, never two at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accommodations import queries as accommodations
from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Forbidden, NotFound
from lms.learning import queries
from lms.learning.domain.intervals import Span
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import LeaseRow
from lms.learning.service import waiting
from lms.learning.service.completing import ensure_progress
from lms.learning.service.standing import SILENCE
from lms.learning.service.waiting import Question


@dataclass(frozen=True)
class OpenedLease:
    """A fresh lease with where the person stands; times in media milliseconds. `presence` is what it asks at once, if at all."""

    lease_id: UUID
    asset_id: UUID
    duration_ms: int
    watched: tuple[Span, ...]
    position_ms: int
    policy: WatchPolicy
    presence: Question | None


class AccountClosed(Forbidden):
    """The account was disabled, closed or joined while the page was open."""

    code, title = "account_closed", N_("账号已停用，不能继续学习；已保存的学时不受影响")


@dataclass(frozen=True)
class _Wish:
    """Who wants to watch what: as a member of which class, signed in by which session."""

    lecture_id: UUID
    person_id: UUID
    enrolment_id: UUID | None
    session_id: UUID | None


def open_lease(
    lecture_id: UUID,
    *,
    person_id: UUID,
    enrolment_id: UUID | None,
    session_id: UUID | None = None,
    now: datetime,
    rng: Random,
) -> OpenedLease:
    """Opens a lease on a published lecture and supersedes the person's live one at once.

    Raises NotFound for a lecture that is not published and for an enrolment that is not the person's own or does not
    have the course; AccountClosed. Whoever takes the lecture or the account away meanwhile waits, and ends this lease too.
    """
    wish = _Wish(lecture_id, person_id, enrolment_id, session_id)
    try:
        return _open_lease(wish, now=now, rng=rng)
    except IntegrityError:  # another page of the person opened one in the same moment; the later one wins
        return _open_lease(wish, now=now, rng=rng)


def _open_lease(wish: _Wish, *, now: datetime, rng: Random) -> OpenedLease:
    with unit_of_work() as session:
        accounts.lock_person(session, wish.person_id)  # two pages of one person open leases one after the other
        if not accounts.held_open(session, wish.person_id):
            raise AccountClosed
        lecture = catalogue.playable_lecture(session, wish.lecture_id, held=True)
        enrolment_id = _checked_enrolment(session, wish.enrolment_id, wish.person_id, lecture.course_id)
        opened_at = max(now, _last_end(session, wish.person_id) or now)
        policy = queries.policy_of(session, lecture.course_id)
        before = waiting.before(session, wish.person_id, now=opened_at)
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.person_id == wish.person_id, LeaseRow.ended_at.is_(None))
            .values(state="superseded", ended_at=opened_at)
        )
        row = LeaseRow(
            id=ids.new_secret_id(),
            person_id=wish.person_id,
            asset_id=lecture.asset_id,
            lecture_id=lecture.lecture_id,
            course_id=lecture.course_id,
            enrolment_id=enrolment_id,
            session_id=wish.session_id,
            state="active",
            opened_at=opened_at,
            last_beat_at=opened_at,
            held_ms=0,
            credited_ms=0,
            max_rate_percent=policy.max_rate_percent,
            policy_version=policy.version,
            threshold_percent=policy.threshold_percent,
            duration_ms=lecture.duration_ms,
            last_seq=0,
        )
        granted = accommodations.measure(session, wish.person_id, opened_at.astimezone(SHANGHAI).date())
        item_id = waiting.draw(session, policy, lecture.course_id, by=row.id)
        question = waiting.begin(row, policy, before, percent=granted.presence_percent, item_id=item_id, rng=rng)
        session.add(row)
        ensure_progress(session, wish.person_id, lecture.asset_id, now)
        session.flush()
        known = queries.progress(session, wish.person_id, lecture.asset_id)
        return OpenedLease(
            row.id, lecture.asset_id, lecture.duration_ms, known.watched, known.position_ms, policy, question
        )


def revoke_leases(*, asset_id: UUID | None = None, person_id: UUID | None = None, now: datetime) -> None:
    """Ends live leases on an asset, or of a person, at once; what they credited is kept."""
    which = LeaseRow.asset_id == asset_id if asset_id is not None else LeaseRow.person_id == person_id
    live = which & LeaseRow.ended_at.is_(None)
    with unit_of_work() as session:
        db.hold(session, select(LeaseRow.id).where(live).order_by(LeaseRow.id))  # who end many don't wait in a ring
        session.execute(update(LeaseRow).where(live).values(state="revoked", ended_at=_not_before_opening(now)))


def end_signed_out(session_ids: Iterable[UUID], *, now: datetime) -> None:
    """Ends live leases that were opened from sign-ins which somebody ended."""
    with unit_of_work() as session:
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.session_id.in_(list(session_ids)), LeaseRow.ended_at.is_(None))
            .values(state="ended", ended_at=_not_before_opening(now))
        )


def expire_silent_leases(*, now: datetime) -> int:
    """Closes leases without a beat for 12 minutes. Returns how many.

    Looks through the live ones, of which a person has one at most: an index over the last beat would be written by each beat.
    """
    with db.reading() as session:
        rows = session.execute(
            select(LeaseRow.id, LeaseRow.last_beat_at)
            .where(LeaseRow.ended_at.is_(None), LeaseRow.last_beat_at < now - SILENCE)
            .limit(500)
        ).all()
    if not rows:
        return 0
    with unit_of_work() as session:
        for lease_id, last_beat_at in sorted(rows):  # who end many don't wait in a ring
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
