"""Moves revisions through review; each verb loads the facts, asks the table, writes and announces in one unit of work."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.accounts.queries import own_among
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.infra.subtrees import moved, within
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, refuse_numbers, tells_a_number
from lms.kernel.verdict import Denied
from lms.moderation import queries
from lms.moderation.domain.workflow import Action, Level, Rank, State, advance, may_review
from lms.moderation.events import RevisionChanged, revision_changed
from lms.moderation.models import ReviewRow, RevisionEventRow, RevisionRow, SubmissionRow

RANK_OF_LEVEL = {Level.PROVINCE: Rank.PROVINCE, Level.NATIONAL: Rank.NATIONAL}
ACTION_OF_DECISION = {"approve": Action.APPROVE, "return": Action.RETURN, "decline": Action.DECLINE}
PRINCIPLES = ("political", "scientific", "complete", "reasonable", "standard")


class ContentChanged(Conflict):
    """What the reviewer looked at is no longer what was submitted."""

    code, title = "content_changed", N_("内容已经变化，请刷新后重新审看")


class MayNotReview(Forbidden):
    """The author of a thing reviews it at no level; nobody decides at two levels."""

    code, title = "may_not_review", N_("作者本人、或已在另一级作出决定的人，不能审核此内容")


WHY_NOT = {
    "author_reviews_nothing_of_their_own": N_("您是作者，不能审核自己的内容，请由其他人审核。"),
    "level_already_decided": N_("这一级已经有人作出决定，请刷新页面查看。"),
    "one_level_for_each_person": N_("您已在另一级作出决定，这一级须由其他人审核。"),
    "province_decides_first": N_("省级审核尚未完成，请在省级通过后再审核。"),
}
REASON_NEEDED = N_("退回或不予通过时，请写明理由")
HOURS_NEEDED = N_("请核定学时，须大于 0")
PRINCIPLES_NEEDED = N_("五项原则未全部符合时不能通过，请退回或不予通过")


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision; `credit_hours` (hundredths) is fixed by the national level when it approves."""

    decision: str
    comment: str
    content_hash: str
    credit_hours: int | None = None
    findings: Mapping[str, bool] = field(default_factory=dict)


def create_revision(*, kind: str, subject_id: UUID, title: str, author_id: UUID, unit_path: str, now: datetime) -> UUID:
    """Opens a draft. Returns the revision's id."""
    revision_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            RevisionRow(
                id=revision_id,
                kind=kind,
                subject_id=subject_id,
                title=title,
                author_id=author_id,
                unit_path=unit_path,
                state=State.DRAFT,
                created_at=now,
                changed_at=now,
            )
        )
        session.flush()
    return revision_id


def edit(revision_id: UUID, *, author_id: UUID, title: str, now: datetime) -> None:
    """Lets the author change the content: a draft stays a draft, a returned revision becomes one again.

    Raises NotFound (also for another's), TransitionRefused while it is under review or after it.
    """
    with unit_of_work() as session:
        revision = _own(session, revision_id, author_id)
        if revision.state is not State.DRAFT:
            _move(session, revision, Action.REVISE, Rank.AUTHOR, actor_id=author_id, now=now)
        session.execute(update(RevisionRow).where(RevisionRow.id == revision_id).values(title=title))
        audit.mark_again(session, RevisionRow, revision_id)


def submit(revision_id: UUID, *, author_id: UUID, content_hash: str, now: datetime) -> None:
    """Hands a revision in with exactly this content. Raises NotFound, TransitionRefused."""
    with unit_of_work() as session:
        revision = _own(session, revision_id, author_id)
        before = queries.last_submission(session, revision_id)
        session.add(
            SubmissionRow(
                id=ids.new_id(now),
                revision_id=revision_id,
                round=before.round + 1 if before else 1,
                author_id=author_id,
                content_hash=content_hash,
                submitted_at=now,
            )
        )
        session.flush()
        _move(session, revision, Action.SUBMIT, Rank.AUTHOR, actor_id=author_id, now=now)


def retract(revision_id: UUID, *, author_id: UUID, now: datetime) -> None:
    """Takes a revision back for good. Raises NotFound, TransitionRefused."""
    with unit_of_work() as session:
        _move(session, _own(session, revision_id, author_id), Action.RETRACT, Rank.AUTHOR, actor_id=author_id, now=now)


def pass_checks(revision_id: UUID, *, now: datetime) -> None:
    """The technical checks are through: a submitted revision enters the province's queue. Any other state stays."""
    with unit_of_work() as session:
        revision = queries.revision(session, revision_id, lock=True)
        if revision.state is State.SUBMITTED:
            _move(session, revision, Action.PASS_CHECKS, Rank.SYSTEM, actor_id=None, now=now)


def fail_checks(revision_id: UUID, *, reason: str, now: datetime) -> None:
    """The technical checks refuse it: a submitted revision goes back to its author with the reason."""
    with unit_of_work() as session:
        revision = queries.revision(session, revision_id, lock=True)
        if revision.state is State.SUBMITTED:
            _move(session, revision, Action.RETURN, Rank.SYSTEM, actor_id=None, comment=reason, now=now)


def decide(revision_id: UUID, level: Level, decision: Decision, *, reviewer_id: UUID, now: datetime) -> State:
    """Stores a decision and moves the revision. The scope of the reviewer was checked by the caller.

    A national approval publishes at once. Returns the new state.
    Raises NotFound, Invalid, MayNotReview, ContentChanged, TransitionRefused.
    """
    problems = _problems(level, decision)
    if problems:
        raise Invalid(fields=problems)
    with unit_of_work() as session:
        revision = queries.revision(session, revision_id, lock=True)
        submission = queries.last_submission(session, revision_id)
        following = advance(revision.state, ACTION_OF_DECISION[decision.decision], rank=RANK_OF_LEVEL[level])
        if submission is None or submission.content_hash != decision.content_hash:
            raise ContentChanged
        problem = objection(session, revision, reviewer_id, level)
        if problem:
            raise MayNotReview(WHY_NOT[problem], extra={"reason": problem})
        session.add(
            ReviewRow(
                submission_id=submission.id,
                level=level,
                author_id=revision.author_id,
                reviewer_id=reviewer_id,
                decision=decision.decision,
                content_hash=decision.content_hash,
                comment=decision.comment,
                credit_hours=decision.credit_hours if following is State.APPROVED else None,
                findings={name: bool(decision.findings.get(name)) for name in PRINCIPLES},
                decided_at=now,
            )
        )
        session.flush()
        action = ACTION_OF_DECISION[decision.decision]
        revision = _move(
            session, revision, action, RANK_OF_LEVEL[level], actor_id=reviewer_id, comment=decision.comment, now=now
        )
        if revision.state is State.APPROVED:
            revision = _publish(session, revision, decision.credit_hours, actor_id=reviewer_id, now=now)
        return revision.state


def objection(session: Session, revision: queries.Revision, reviewer_id: UUID, level: Level) -> str | None:
    """Why a person may not decide at this level on what was submitted last (a reason of `may_review`), else None."""
    submission = queries.last_submission(session, revision.id)
    decided = queries.deciders(session, submission.id) if submission else {}
    return why_not(session, [revision.author_id], decided, reviewer_id, level)


def why_not(
    session: Session, authors: Collection[UUID], deciders: Mapping[Level, UUID], reviewer_id: UUID, level: Level
) -> str | None:
    """A reason of `may_review`, else None. All of `authors` count as the author, and all accounts of a person as one."""
    own = own_among(session, reviewer_id, [*authors, *deciders.values()])
    author_id = reviewer_id if own.intersection(authors) else UUID(int=0)
    decided = {at: reviewer_id if who in own else who for at, who in deciders.items()}
    verdict = may_review(author_id, decided, reviewer_id, level)
    return verdict.reason if isinstance(verdict, Denied) else None


def suspend(revision_id: UUID, *, rank: Rank, actor_id: UUID, reason: str, now: datetime) -> None:
    """Takes published content away at once, reversibly. Raises Invalid without a reason, TransitionRefused."""
    _withdraw(revision_id, Action.SUSPEND, rank=rank, actor_id=actor_id, reason=reason, now=now)


def resume(revision_id: UUID, *, rank: Rank, actor_id: UUID, reason: str, now: datetime) -> None:
    """Puts suspended content back. Raises Invalid without a reason, TransitionRefused."""
    _withdraw(revision_id, Action.RESUME, rank=rank, actor_id=actor_id, reason=reason, now=now)


def _withdraw(revision_id: UUID, action: Action, *, rank: Rank, actor_id: UUID, reason: str, now: datetime) -> None:
    if not reason.strip():
        raise Invalid(fields={"reason": REASON_NEEDED})
    refuse_numbers(reason=reason)
    with unit_of_work() as session:
        revision = queries.revision(session, revision_id, lock=True)
        _move(session, revision, action, rank, actor_id=actor_id, comment=reason, now=now)


def _publish(
    session: Session, revision: queries.Revision, credit_hours: int | None, *, actor_id: UUID, now: datetime
) -> queries.Revision:
    """Approved content goes live, and the version that was live before it is superseded in the same step."""
    for older in queries.of_subject(session, revision.subject_id, (State.PUBLISHED, State.SUSPENDED)):
        _move(session, older, Action.SUPERSEDE, Rank.SYSTEM, actor_id=None, now=now)
    return _move(session, revision, Action.PUBLISH, Rank.SYSTEM, actor_id=actor_id, credit_hours=credit_hours, now=now)


def _own(session: Session, revision_id: UUID, author_id: UUID) -> queries.Revision:
    revision = queries.revision(session, revision_id, lock=True)
    if not own_among(session, author_id, [revision.author_id]):
        raise NotFound
    return revision


def _problems(level: Level, decision: Decision) -> dict[str, str]:
    if decision.decision not in ACTION_OF_DECISION:
        return {"decision": N_("请选择审核结论")}
    if tells_a_number(decision.comment):
        return {"comment": NO_NUMBERS}
    if decision.decision != "approve":
        return {} if decision.comment.strip() else {"comment": REASON_NEEDED}
    problems = {}
    if not all(decision.findings.get(name) for name in PRINCIPLES):
        problems["findings"] = PRINCIPLES_NEEDED
    if level is Level.NATIONAL and (decision.credit_hours is None or decision.credit_hours <= 0):
        problems["credit_hours"] = HOURS_NEEDED
    return problems


def _move(
    session: Session,
    revision: queries.Revision,
    action: Action,
    rank: Rank,
    *,
    actor_id: UUID | None,
    now: datetime,
    comment: str = "",
    credit_hours: int | None = None,
) -> queries.Revision:
    following = advance(revision.state, action, rank=rank)
    session.execute(update(RevisionRow).where(RevisionRow.id == revision.id).values(state=following, changed_at=now))
    audit.mark_again(session, RevisionRow, revision.id)
    session.add(
        RevisionEventRow(
            id=ids.new_id(now),
            revision_id=revision.id,
            old=revision.state,
            new=following,
            actor_id=actor_id,
            comment=comment,
            at=now,
        )
    )
    session.flush()
    audit.record(
        session,
        action=f"revision.{action}",
        object_type="revision",
        object_id=revision.id,
        actor_id=actor_id,
        details={"old": revision.state, "new": following, "comment": comment},
        now=now,
    )
    submission = queries.last_submission(session, revision.id)
    revision_changed.send(
        None,
        event=RevisionChanged(
            revision_id=revision.id,
            kind=revision.kind,
            subject_id=revision.subject_id,
            old=revision.state,
            new=following,
            content_hash=submission.content_hash if submission else "",
            credit_hours=credit_hours,
            actor_id=actor_id,
            at=now,
        ),
    )
    return queries.revision(session, revision.id)


def follow_moves(moves: Sequence[tuple[str, str]]) -> None:
    """Keeps what is handed in within the reach of those who review for its unit's place in today's tree."""
    if not moves:
        return
    with unit_of_work() as session:
        session.execute(
            update(RevisionRow)
            .where(within(RevisionRow.unit_path, [old for old, _new in moves]))
            .values(unit_path=moved(RevisionRow.unit_path, moves))
            .execution_options(synchronize_session=False)
        )
