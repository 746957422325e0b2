"""Reviewers decide on what was handed in, within their scope; managers of content stop what is published, and put it back."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.catalogue import queries
from lms.catalogue.models import LectureVersionRow
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.hourrules import Rule, hours_for, to_data
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation_queries, service as moderation
from lms.moderation.domain.workflow import Level, Rank, State
from lms.questionbank.events import keys_opening
from lms.video import queries as video

PERMISSION_OF_LEVEL = {Level.PROVINCE: Permission.REVIEW_PROVINCE, Level.NATIONAL: Permission.REVIEW_NATIONAL}
STATE_OF_LEVEL = {Level.PROVINCE: State.PROVINCE_REVIEW, Level.NATIONAL: State.NATIONAL_REVIEW}
NOTHING_BY_RULE = N_("按这个办法，这一讲的学时是 0；请改小计算单位或起点，或改为直接核定")


@dataclass(frozen=True)
class Seat:
    """How somebody looks at a revision: the level they decide at now (None: they only read), and what speaks against it."""

    level: Level | None
    objection: str | None
    may_withdraw: bool


def decide(
    revision_id: UUID,
    level: Level,
    decision: moderation.Decision,
    *,
    reviewer: Principal,
    rule: Rule | None = None,
    now: datetime,
) -> State:
    """A reviewer's decision within their scope; with `rule` an approval's hours follow from the length of the video.

    Raises NotFound outside the scope and for what never waited at this level, Invalid when the rule makes the video worth
    nothing, what speaks against seeing its keys (who joined an exam on them since they opened the page decides nothing),
    and what moderation.decide raises.
    """
    with unit_of_work() as session:
        revision = moderation_queries.revision(session, revision_id, lock=True)
        if not access.may(reviewer, PERMISSION_OF_LEVEL[level], revision.unit_path):
            raise NotFound
        if not moderation_queries.level_decided_as_it_is(session, revision, level):
            seat(session, revision_id, reviewer)
        _refuse_keys(session, revision_id, reviewer.person_id, now=now)
        if rule is None or level is not Level.NATIONAL or decision.decision != "approve":
            return moderation.decide(revision_id, level, decision, reviewer_id=reviewer.person_id, now=now)
        asset = video.asset(session, queries.lecture_version(session, revision_id).asset_id)
        hours = hours_for(asset.duration_ms or 0, rule)
        if hours <= 0:
            raise Invalid(fields={"rule": NOTHING_BY_RULE})
        stored = [rule.kind.value, to_data(rule)]
        session.execute(
            update(LectureVersionRow).where(LectureVersionRow.revision_id == revision_id).values(length_rule=stored)
        )
        fixed = replace(decision, credit_hours=hours)
        return moderation.decide(revision_id, level, fixed, reviewer_id=reviewer.person_id, now=now)


def seat(session: Session, revision_id: UUID, person: Principal) -> Seat:
    """What a reviewer or a manager of content may do with a revision. Raises NotFound when it is none of their business.

    Reviewers reach what waits at their level within their scope, and later what they decided themselves until its author
    changes it.
    """
    revision = moderation_queries.revision(session, revision_id)
    levels = [
        level for level, permission in PERMISSION_OF_LEVEL.items() if access.may(person, permission, revision.unit_path)
    ]
    for level in levels:
        if revision.state is STATE_OF_LEVEL[level]:
            return Seat(level, moderation.objection(session, revision, person.person_id, level), may_withdraw=False)
    withdrawable = revision.state in {State.PUBLISHED, State.SUSPENDED}
    may_withdraw = withdrawable and bool(access.may(person, Permission.CONTENT_WITHDRAW, revision.unit_path))
    if may_withdraw or (levels and moderation_queries.decided_as_it_is(session, revision, person.person_id)):
        return Seat(None, None, may_withdraw)
    raise NotFound


def suspend(revision_id: UUID, *, actor: Principal, reason: str, now: datetime) -> None:
    """Takes a published lecture away at once. Raises as `resume` does."""
    with unit_of_work() as session:
        _manage(session, revision_id, actor, now=now)
        moderation.suspend(revision_id, rank=Rank.MANAGER, actor_id=actor.person_id, reason=reason, now=now)


def resume(revision_id: UUID, *, actor: Principal, reason: str, now: datetime) -> None:
    """Puts a suspended lecture back.

    Raises NotFound outside the actor's scope and for what they don't see, Invalid without a reason, and what speaks against
    seeing its keys: what is in the draw of an exam is nothing for who sits it.
    """
    with unit_of_work() as session:
        _manage(session, revision_id, actor, now=now)
        moderation.resume(revision_id, rank=Rank.MANAGER, actor_id=actor.person_id, reason=reason, now=now)


def _refuse_keys(session: Session, revision_id: UUID, person_id: UUID, *, now: datetime) -> None:
    bank_code = queries.bank_of_revision(session, revision_id)
    keys_opening.send(None, session=session, bank_code=bank_code, person_id=person_id, at=now)


def _manage(session: Session, revision_id: UUID, actor: Principal, *, now: datetime) -> None:
    revision = moderation_queries.revision(session, revision_id, lock=True)
    if not access.may(actor, Permission.CONTENT_WITHDRAW, revision.unit_path):
        raise NotFound
    seat(session, revision_id, actor)
    _refuse_keys(session, revision_id, actor.person_id, now=now)
