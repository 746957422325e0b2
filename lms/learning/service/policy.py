"""Decides anew what a course asks of who watches it; leases that are open keep what held when they were opened."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.numbers import refuse_numbers
from lms.learning import queries
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import WatchPolicyRow

DECIDED_MEANWHILE = N_("这门课程的学习规则刚刚由他人修改，您的修改没有保存。请查看最新规则后再改")


def set_policy(
    course_id: UUID, policy: WatchPolicy, *, seen_version: int, reason: str, actor_id: UUID, now: datetime
) -> int:
    """Adds a version and returns its number. Raises NotFound, Invalid, Conflict when another was added since `seen_version`."""
    refuse_numbers(reason=reason)
    try:
        with unit_of_work() as session:
            if not catalogue.course_titles(session, [course_id]):
                raise NotFound
            if queries.policy_of(session, course_id).version != seen_version:
                raise Conflict(DECIDED_MEANWHILE)
            version = seen_version + 1
            session.add(_row(course_id, policy, version, reason, actor_id, now))
            session.flush()
            audit.record(
                session,
                action="watch_policy.set",
                object_type="course",
                object_id=course_id,
                actor_id=actor_id,
                details={"version": version, "reason": reason},
                now=now,
            )
            return version
    except IntegrityError as error:  # both read the same version in the same moment
        raise Conflict(DECIDED_MEANWHILE) from error


def _row(
    course_id: UUID, policy: WatchPolicy, version: int, reason: str, actor_id: UUID, now: datetime
) -> WatchPolicyRow:
    return WatchPolicyRow(
        id=ids.new_id(now),
        course_id=course_id,
        version=version,
        threshold_percent=policy.threshold_percent,
        max_rate_percent=policy.max_rate_percent,
        seek_courtesy=policy.seek_courtesy,
        pause_when_hidden=policy.pause_when_hidden,
        presence=policy.presence.on,
        presence_from_minutes=policy.presence.from_minutes,
        presence_to_minutes=policy.presence.to_minutes,
        presence_seconds=policy.presence.seconds,
        presence_kind=policy.presence_kind.value,
        reason=reason,
        decided_by=actor_id,
        decided_at=now,
    )
