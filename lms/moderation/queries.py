"""Reads revisions, their history and the queues of reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.infra.db import for_update
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.moderation.domain.workflow import Level, State
from lms.moderation.models import ReviewRow, RevisionEventRow, RevisionRow, SubmissionRow


@dataclass(frozen=True)
class Revision:
    """A revision and where it stands."""

    id: UUID
    kind: str
    subject_id: UUID
    title: str
    author_id: UUID
    unit_path: str
    state: State
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Submission:
    """What was handed in last."""

    id: UUID
    round: int
    content_hash: str
    submitted_at: datetime


@dataclass(frozen=True)
class Review:
    """A decision, with the reviewer's name."""

    level: Level
    reviewer_id: UUID
    reviewer_name: str
    decision: str
    comment: str
    credit_hours: int | None
    findings: dict[str, bool]
    decided_at: datetime
    round: int


@dataclass(frozen=True)
class Change:
    """A change of state, with the name of who made it ("" for the platform itself)."""

    old: State
    new: State
    actor_name: str
    comment: str
    at: datetime


@dataclass(frozen=True)
class QueueEntry:
    """A submission that waits for a decision."""

    revision_id: UUID
    title: str
    author_name: str
    state: State
    since: datetime


_REVISION = (
    RevisionRow.id,
    RevisionRow.kind,
    RevisionRow.subject_id,
    RevisionRow.title,
    RevisionRow.author_id,
    RevisionRow.unit_path,
    RevisionRow.state,
    RevisionRow.created_at,
    RevisionRow.changed_at,
)


def _revision(row: Sequence[object]) -> Revision:
    values = list(row)
    values[6] = State(str(values[6]))
    return Revision(*values)  # type: ignore[arg-type]  # the columns stand in the fields' order


def revision(session: Session, revision_id: UUID, *, lock: bool = False) -> Revision:
    """One revision, locked for writing when asked. Raises NotFound."""
    statement = select(*_REVISION).where(RevisionRow.id == revision_id)
    row = session.execute(for_update(statement) if lock else statement).first()
    if row is None:
        raise NotFound
    return _revision(row)


def of_author(session: Session, author_id: UUID, *, limit: int = 50, offset: int = 0) -> tuple[Revision, ...]:
    """An author's revisions, under whatever account, the last changed first."""
    rows = session.execute(
        select(*_REVISION)
        .where(RevisionRow.author_id.in_(aliases(author_id)))
        .order_by(RevisionRow.changed_at.desc(), RevisionRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_revision(row) for row in rows)


def in_state(
    session: Session, states: Sequence[State], scopes: Sequence[str], *, limit: int = 50, offset: int = 0
) -> tuple[Revision, ...]:
    """Revisions of some states within subtrees, the last changed first."""
    rows = session.execute(
        select(*_REVISION)
        .where(RevisionRow.state.in_(states), within(RevisionRow.unit_path, scopes))
        .order_by(RevisionRow.changed_at.desc(), RevisionRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_revision(row) for row in rows)


def of_subject(session: Session, subject_id: UUID, states: Sequence[State]) -> tuple[Revision, ...]:
    """The revisions of one piece of content that are in some states."""
    rows = session.execute(
        select(*_REVISION).where(RevisionRow.subject_id == subject_id, RevisionRow.state.in_(states))
    )
    return tuple(_revision(row) for row in rows)


def last_submission(session: Session, revision_id: UUID) -> Submission | None:
    """What was handed in last, None before the first time."""
    row = session.execute(
        select(SubmissionRow.id, SubmissionRow.round, SubmissionRow.content_hash, SubmissionRow.submitted_at)
        .where(SubmissionRow.revision_id == revision_id)
        .order_by(SubmissionRow.round.desc())
        .limit(1)
    ).first()
    return Submission(*row) if row else None


def reviews(session: Session, revision_id: UUID) -> tuple[Review, ...]:
    """All decisions on a revision, the oldest first."""
    rows = session.execute(
        select(
            ReviewRow.level,
            ReviewRow.reviewer_id,
            PersonRow.name,
            ReviewRow.decision,
            ReviewRow.comment,
            ReviewRow.credit_hours,
            ReviewRow.findings,
            ReviewRow.decided_at,
            SubmissionRow.round,
        )
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.submission_id)
        .join(PersonRow, PersonRow.id == ReviewRow.reviewer_id)
        .where(SubmissionRow.revision_id == revision_id)
        .order_by(SubmissionRow.round, ReviewRow.level.desc())
    )
    return tuple(Review(Level(row[0]), *row[1:]) for row in rows)


def deciders(session: Session, submission_id: UUID) -> dict[Level, UUID]:
    """Who has decided one submission, by level."""
    rows = session.execute(
        select(ReviewRow.level, ReviewRow.reviewer_id).where(ReviewRow.submission_id == submission_id)
    )
    return {Level(level): reviewer_id for level, reviewer_id in rows}


def history(session: Session, revision_id: UUID) -> tuple[Change, ...]:
    """Every change of state, the oldest first."""
    rows = session.execute(
        select(
            RevisionEventRow.old, RevisionEventRow.new, PersonRow.name, RevisionEventRow.comment, RevisionEventRow.at
        )
        .outerjoin(PersonRow, PersonRow.id == RevisionEventRow.actor_id)
        .where(RevisionEventRow.revision_id == revision_id)
        .order_by(RevisionEventRow.at, RevisionEventRow.id)
    )
    return _linked([Change(State(row[0]), State(row[1]), row[2] or "", row[3], row[4]) for row in rows])


def _linked(changes: list[Change]) -> tuple[Change, ...]:
    """Changes in the order they were made: within one millisecond each begins where the one before it ended."""
    ordered: list[Change] = []
    state = State.DRAFT
    while changes:
        together = [change for change in changes if change.at == changes[0].at]
        following = next((change for change in together if change.old is state), together[0])
        changes.remove(following)
        ordered.append(following)
        state = following.new
    return tuple(ordered)


def queue(
    session: Session, state: State, scopes: Sequence[str], *, but_not: UUID, limit: int = 50, offset: int = 0
) -> tuple[QueueEntry, ...]:
    """Submissions that wait in `state` within the reviewer's subtrees, the oldest first; never the reviewer's own."""
    rows = session.execute(
        select(RevisionRow.id, RevisionRow.title, PersonRow.name, RevisionRow.state, RevisionRow.changed_at)
        .join(PersonRow, PersonRow.id == RevisionRow.author_id)
        .where(
            RevisionRow.state == state,
            RevisionRow.author_id.not_in(aliases(but_not)),
            within(RevisionRow.unit_path, scopes),
        )
        .order_by(RevisionRow.changed_at, RevisionRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(QueueEntry(row[0], row[1], row[2], State(row[3]), row[4]) for row in rows)


@dataclass(frozen=True)
class Decided:
    """A decision that somebody made, and where the revision stands today.

    `stands`: what they decided on is what the revision still says; else its title is not for them either.
    """

    revision_id: UUID
    title: str
    level: Level
    decision: str
    decided_at: datetime
    state: State
    stands: bool


REWRITTEN = (State.DRAFT, State.RETRACTED)
"""In these states a revision may say what nobody handed in."""


def decided_by(session: Session, reviewer_id: UUID, scopes: Sequence[str], *, limit: int = 20) -> tuple[Decided, ...]:
    """What a reviewer decided in some subtrees, the last first."""
    later = aliased(SubmissionRow)
    rows = session.execute(
        select(
            RevisionRow.id,
            RevisionRow.title,
            ReviewRow.level,
            ReviewRow.decision,
            ReviewRow.decided_at,
            RevisionRow.state,
            ~exists().where(later.revision_id == RevisionRow.id, later.round > SubmissionRow.round),
        )
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.submission_id)
        .join(RevisionRow, RevisionRow.id == SubmissionRow.revision_id)
        .where(ReviewRow.reviewer_id == reviewer_id, within(RevisionRow.unit_path, scopes))
        .order_by(ReviewRow.decided_at.desc(), RevisionRow.id)
        .limit(limit)
    )
    return tuple(
        Decided(row[0], row[1], Level(row[2]), row[3], row[4], State(row[5]), row[6] and row[5] not in REWRITTEN)
        for row in rows
    )


def decided_as_it_is(session: Session, revision: Revision, reviewer_id: UUID) -> bool:
    """Whether somebody decided on what a revision says now: in its last round, and its author has not changed it since."""
    return reviewer_id in _deciders_as_it_is(session, revision).values()


def level_decided_as_it_is(session: Session, revision: Revision, level: Level) -> bool:
    """Whether anybody did at a level."""
    return level in _deciders_as_it_is(session, revision)


def _deciders_as_it_is(session: Session, revision: Revision) -> dict[Level, UUID]:
    last = last_submission(session, revision.id)
    return deciders(session, last.id) if last is not None and revision.state not in REWRITTEN else {}
