"""Work that runs later: a job row commits with the business row that needs it and survives kill -9 of any worker.

A worker claims a job by a lease; a heartbeat keeps the lease; an expired lease makes the job claimable again. Handlers are
therefore written so that running twice, or in two workers at once, does no harm: they do their work aside and store the result
in one unit of work that looks whether it is still wanted. A worker's death is no failure of its job and uses up no attempt, but a
job that outlives MAX_CLAIMS claims is taken for what kills its workers and fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, String, and_, case, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.infra import db
from lms.infra.types import Instant, Json, Uuid
from lms.kernel import ids

MAX_ERROR_LENGTH = 2000
MAX_CLAIMS = 20
WORKER_LOST = "worker lost"
ENDED_KEPT = timedelta(days=7)
"""So long an ended job that has no key stays, for whoever asks why a mail did not come; what it knew of people goes with it."""
FORGOTTEN_AT_ONCE = 1000
_FORGETTABLE = "dedup_key IS NULL AND finished_at IS NOT NULL"


class JobRow(db.Model):
    """One piece of work; `dedup_key` makes asking twice ask once."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("(state = 'running') = (lease_owner IS NOT NULL)", name="lease"),
        Index("uq_job_kind_dedup_key", "kind", "dedup_key", unique=True),
        Index("ix_job_state_run_at", "state", "run_at"),
        Index(
            "ix_job_forgettable",
            "finished_at",
            sqlite_where=text(_FORGETTABLE),
            postgresql_where=text(_FORGETTABLE),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    dedup_key: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    run_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    max_attempts: Mapped[int] = mapped_column(Integer, default=5)
    progress: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(String(MAX_ERROR_LENGTH))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class WorkerRow(db.Model):
    """A worker process that is alive, for /readyz."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant)


class GiveUp(Exception):
    """Raised by a handler when trying again can't help; the reason is kept on the job."""


class LeaseLost(Exception):
    """The job has gone to another worker, whose result counts."""


@dataclass(frozen=True)
class Job:
    """A claimed job as its handler sees it."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    owner: str

    @property
    def last_attempt(self) -> bool:
        """Whether a failure now would be final."""
        return self.attempt >= self.max_attempts

    def report(self, percent: int) -> None:
        """Stores how far the work is, 0 to 100."""
        with db.unit_of_work() as session:
            session.execute(
                update(JobRow)
                .where(JobRow.id == self.id, JobRow.lease_owner == self.owner)
                .values(progress=max(0, min(100, percent)))
            )

    def hold(self) -> None:
        """Keeps everybody from claiming the job until the unit of work ends. Raises LeaseLost when somebody has.

        For results that the database itself can't tell from a second one.
        """
        with db.unit_of_work() as session:
            done = session.execute(
                update(JobRow)
                .where(JobRow.id == self.id, JobRow.lease_owner == self.owner)
                .values(lease_owner=self.owner)
            )
            if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
                raise LeaseLost


Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}
_sweeps: list[tuple[str, float, Callable[[], None]]] = []


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Registers the function that runs jobs of `kind`."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def sweep(seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Registers work that every worker repeats; it must be harmless when two workers do it at once."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _sweeps.append((f"{function.__module__}.{function.__name__}", seconds, function))
        return function

    return register


def handler_of(kind: str) -> Handler | None:
    """The handler of a kind, or None when this version of the code has none."""
    return _handlers.get(kind)


def sweeps() -> list[tuple[str, float, Callable[[], None]]]:
    """Name, interval in seconds and function of each repeated work."""
    return list(_sweeps)


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    dedup_key: str | None = None,
    run_at: datetime | None = None,
    max_attempts: int = 5,
) -> UUID:
    """Adds a job to the running unit of work; with a `dedup_key` that is known, nothing is added. Returns the job's id."""
    values = {
        "id": ids.new_id(now),
        "kind": kind,
        "dedup_key": dedup_key,
        "payload": payload,
        "state": "queued",
        "run_at": run_at or now,
        "attempts": 0,
        "max_attempts": max_attempts,
        "progress": 0,
        "created_at": now,
    }
    insert = db.insert_into(JobRow).values(values)
    session.execute(insert.on_conflict_do_nothing(index_elements=["kind", "dedup_key"]))
    if dedup_key is None:
        return values["id"]  # type: ignore[return-value]  # the dict mixes types
    found = session.execute(select(JobRow.id).where(JobRow.kind == kind, JobRow.dedup_key == dedup_key))
    return found.scalar_one()


def unfinished(session: Session, kind: str) -> list[dict[str, Any]]:
    """What the jobs of a kind are about that wait or are under way."""
    waiting = select(JobRow.payload).where(JobRow.kind == kind, JobRow.state.in_(("queued", "running")))
    return list(session.execute(waiting).scalars())


def claim(owner: str, *, now: datetime, lease_seconds: int) -> Job | None:
    """Takes the oldest job that is due or whose lease ran out; two workers never get the same one.

    A job whose lease ran out at its MAX_CLAIMS-th claim or later fails instead.
    """
    lost = and_(JobRow.state == "running", JobRow.lease_until < now)
    due = or_(and_(JobRow.state == "queued", JobRow.run_at <= now), lost)
    with db.reading() as session:  # an idle worker must not take the write lock every second
        if session.execute(select(JobRow.id).where(due).limit(1)).first() is None:
            return None
    with db.unit_of_work() as session:
        session.execute(
            update(JobRow)
            .where(lost, JobRow.attempts >= MAX_CLAIMS)
            .values(state="failed", lease_owner=None, lease_until=None, finished_at=now, error=WORKER_LOST)
            .execution_options(synchronize_session=False)
        )
        candidate = select(JobRow.id).where(due).order_by(JobRow.run_at, JobRow.id).limit(1)
        if db.dialect() == "postgresql":
            candidate = candidate.with_for_update(skip_locked=True)
        row = session.execute(
            update(JobRow)
            .where(JobRow.id == candidate.scalar_subquery())
            .values(
                state="running",
                lease_owner=owner,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=JobRow.attempts + 1,
                max_attempts=case((JobRow.state == "running", JobRow.max_attempts + 1), else_=JobRow.max_attempts),
                progress=0,
            )
            .returning(JobRow.id, JobRow.kind, JobRow.payload, JobRow.attempts, JobRow.max_attempts)
            .execution_options(synchronize_session=False)
        ).first()
    if row is None:
        return None
    return Job(row.id, row.kind, row.payload, row.attempts, row.max_attempts, owner)


def keep(job: Job, *, now: datetime, lease_seconds: int) -> bool:
    """Extends the lease; False when it was lost to another worker, whose result then counts."""
    with db.unit_of_work() as session:
        done = session.execute(
            update(JobRow)
            .where(JobRow.id == job.id, JobRow.lease_owner == job.owner)
            .values(lease_until=now + timedelta(seconds=lease_seconds))
        )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def finish(job: Job, *, now: datetime) -> None:
    """Marks the job done, if it is still ours."""
    _end(job, now=now, state="done", progress=100)


def fail(job: Job, error: str, *, now: datetime, final: bool) -> bool:
    """Notes the failure; queues it again later (2, 4, 8 … seconds × 5) unless it is final. Returns whether it was final."""
    final = final or job.last_attempt
    error = error[:MAX_ERROR_LENGTH]
    if final:
        _end(job, now=now, state="failed", error=error)
    else:
        with db.unit_of_work() as session:
            session.execute(
                update(JobRow)
                .where(JobRow.id == job.id, JobRow.lease_owner == job.owner)
                .values(
                    state="queued",
                    lease_owner=None,
                    lease_until=None,
                    error=error,
                    run_at=now + timedelta(seconds=5 * 2 ** min(job.attempt, 8)),
                )
            )
    return final


def _end(job: Job, *, now: datetime, state: str, **values: Any) -> None:
    with db.unit_of_work() as session:
        session.execute(
            update(JobRow)
            .where(JobRow.id == job.id, JobRow.lease_owner == job.owner)
            .values(state=state, lease_owner=None, lease_until=None, finished_at=now, **values)
        )


def forget_ended(*, now: datetime) -> None:
    """Removes ended jobs after ENDED_KEPT. One with a key stays: it is how others know that its work was asked for."""
    due = (
        select(JobRow.id)
        .where(JobRow.dedup_key.is_(None), JobRow.finished_at < now - ENDED_KEPT)
        .limit(FORGOTTEN_AT_ONCE)
    )
    gone = FORGOTTEN_AT_ONCE
    while gone == FORGOTTEN_AT_ONCE:
        with db.unit_of_work() as session:
            done = session.execute(
                delete(JobRow).where(JobRow.id.in_(due)).execution_options(synchronize_session=False)
            )
            gone = done.rowcount  # type: ignore[attr-defined]  # a DELETE's result has it


def beat(name: str, *, now: datetime) -> None:
    """Says that the worker `name` is alive."""
    insert = db.insert_into(WorkerRow)
    with db.unit_of_work() as session:
        session.execute(
            insert.values(name=name, beat_at=now).on_conflict_do_update(index_elements=["name"], set_={"beat_at": now})
        )
        session.execute(delete(WorkerRow).where(WorkerRow.beat_at < now - timedelta(days=1)))


def last_beat(session: Session) -> datetime | None:
    """When a worker was last heard of."""
    return session.execute(select(func.max(WorkerRow.beat_at))).scalar()


@dataclass(frozen=True)
class JobState:
    """Where a job stands."""

    state: str
    progress: int
    error: str | None
    ahead: int


def state_of(session: Session, kind: str, dedup_key: str) -> JobState | None:
    """State, percent, last error and how many jobs wait before it."""
    row = session.execute(
        select(JobRow.state, JobRow.progress, JobRow.error, JobRow.run_at).where(
            JobRow.kind == kind, JobRow.dedup_key == dedup_key
        )
    ).first()
    if row is None:
        return None
    ahead = 0
    if row.state == "queued":
        ahead = session.execute(
            select(func.count()).where(JobRow.state == "queued", JobRow.run_at < row.run_at)
        ).scalar_one()
    return JobState(row.state, row.progress, row.error, ahead)


def failed(session: Session, kind: str, dedup_keys: Sequence[str]) -> frozenset[str]:
    """Which of these jobs failed for good."""
    rows = session.execute(
        select(JobRow.dedup_key).where(JobRow.kind == kind, JobRow.dedup_key.in_(dedup_keys), JobRow.state == "failed")
    )
    return frozenset(str(row[0]) for row in rows)


def again(session: Session, kind: str, dedup_key: str, *, now: datetime) -> bool:
    """Queues a finally failed job once more; False when there is none."""
    done = session.execute(
        update(JobRow)
        .where(JobRow.kind == kind, JobRow.dedup_key == dedup_key, JobRow.state == "failed")
        .values(state="queued", attempts=0, progress=0, error=None, run_at=now, finished_at=None)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
