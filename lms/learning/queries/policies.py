"""Reads what courses ask of who watches them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lms.learning.domain.presence import Kind, Terms
from lms.learning.domain.watchpolicy import DEFAULT, WatchPolicy
from lms.learning.models import WatchPolicyRow


@dataclass(frozen=True)
class DecidedPolicy:
    """A version of a course's policy with who decided it, when and why."""

    policy: WatchPolicy
    reason: str
    decided_by: UUID
    decided_at: datetime


_newest = (
    select(WatchPolicyRow.course_id, func.max(WatchPolicyRow.version).label("version"))
    .where(WatchPolicyRow.course_id.in_(bindparam("course_ids", expanding=True)))
    .group_by(WatchPolicyRow.course_id)
    .subquery()
)
_NOW = select(WatchPolicyRow).join(
    _newest, (_newest.c.course_id == WatchPolicyRow.course_id) & (_newest.c.version == WatchPolicyRow.version)
)


def policies_of(session: Session, course_ids: Iterable[UUID]) -> dict[UUID, WatchPolicy]:
    """What each course asks now, for every one that was named. One statement."""
    wanted = list(course_ids)
    rows = session.execute(_NOW, {"course_ids": wanted}).scalars()
    return dict.fromkeys(wanted, DEFAULT) | {row.course_id: _policy_of(row) for row in rows}


def policy_of(session: Session, course_id: UUID) -> WatchPolicy:
    """What a course asks now."""
    return policies_of(session, [course_id])[course_id]


def policy_version(session: Session, course_id: UUID, version: int) -> WatchPolicy:
    """What a course asked by that version."""
    row = session.execute(
        select(WatchPolicyRow).where(WatchPolicyRow.course_id == course_id, WatchPolicyRow.version == version)
    ).scalar()
    return _policy_of(row) if row else DEFAULT


def policy_history(session: Session, course_id: UUID, *, limit: int = 20) -> tuple[DecidedPolicy, ...]:
    """The newest versions of a course's policy, the newest first."""
    rows = session.execute(
        select(WatchPolicyRow)
        .where(WatchPolicyRow.course_id == course_id)
        .order_by(WatchPolicyRow.version.desc())
        .limit(limit)
    ).scalars()
    return tuple(DecidedPolicy(_policy_of(row), row.reason, row.decided_by, row.decided_at) for row in rows)


def _policy_of(row: WatchPolicyRow) -> WatchPolicy:
    return WatchPolicy(
        version=row.version,
        threshold_percent=row.threshold_percent,
        max_rate_percent=row.max_rate_percent,
        seek_courtesy=row.seek_courtesy,
        pause_when_hidden=row.pause_when_hidden,
        presence=Terms(row.presence, row.presence_from_minutes, row.presence_to_minutes, row.presence_seconds),
        presence_kind=Kind(row.presence_kind),
    )
