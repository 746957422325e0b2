"""Seals what has been committed: a batch of entries and marks, chained to the batch before, its head kept outside the database too.

There is no counter that every writer would queue at: rows are stored unsealed, and one sealer at a time takes those that it sees.
A row that another transaction commits later goes into a later seal, whatever its id.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from lms.audit.domain import chain
from lms.audit.domain.chain import Digest, Seal
from lms.audit.models import AuditEntryRow, IntegrityMarkRow, SealRow
from lms.audit.service.marks import sources, unmarked
from lms.audit.service.recording import record
from lms.infra import crypto, db
from lms.infra.db import reading, unit_of_work
from lms.kernel.numbers import refuse_numbers

log = structlog.get_logger()

BATCH = 2_000
ROWS_A_STATEMENT = 500
BATCHES_A_RUN = 50
LOGGED_LATE = timedelta(hours=1)
LINES_A_RUN = 1_000
_TAIL_BYTES = 1 << 17
_PG_LOCK = 0x5EA1


def seal_all(log_path: Path, *, now: datetime) -> int:
    """Seals batch after batch until nothing is left, or for BATCHES_A_RUN batches. Returns how many rows."""
    total = 0
    for _ in range(BATCHES_A_RUN):
        done = seal(log_path, now=now)
        total += done
        if done < BATCH:
            break
    return total


def seal(log_path: Path, *, now: datetime) -> int:
    """Seals one batch and writes its head to `log_path`. Returns how many rows; 0 too when another sealer is at it."""
    with _held(log_path) as alone:
        if not alone:
            return 0
        with unit_of_work() as session:
            done = _seal_batch(session, now=now) if _may_seal(session) else 0
        _write_heads(log_path, now=now)
    return done


def head_mac(no: int, at: datetime, entries: int, digest: str, previous: str) -> str:
    """The keyed hash that is a seal's head."""
    return crypto.mac("seal", chain.head_text(no, at, entries, digest, previous))


def rewrite_log(log_path: Path, *, reason: str, now: datetime) -> Path | None:
    """Begins the log anew with the heads that the database has, after a restored backup; audited.

    Returns where the old log was put, None when there was none. Raises Invalid for a reason that holds a number.
    """
    refuse_numbers(reason=reason)
    with unit_of_work() as session:
        record(
            session,
            action="audit.log_rewritten",
            object_type="seal_log",
            object_id=None,
            details={"reason": reason},
            now=now,
        )
    with _held(log_path, wait=True):
        kept = None
        if log_path.exists():
            kept = log_path.with_name(f"{log_path.name}.{now:%Y%m%dT%H%M%SZ}")
            os.replace(log_path, kept)
        last = 0
        while lines := _seals_after(last):
            _append(log_path, lines)
            last = lines[-1].no
    return kept


def _may_seal(session: Session) -> bool:
    """One sealer at a time also from several machines; and the first seal waits until every official row has its mark."""
    if (
        db.dialect() == "postgresql"
        and not session.execute(select(text(f"pg_try_advisory_xact_lock({_PG_LOCK})"))).scalar()
    ):
        return False
    if session.execute(select(SealRow.no).limit(1)).first() is not None:
        return True
    waiting = next((source.name for source in sources() if unmarked(session, source)), None)
    if waiting:
        log.warning("not sealed: rows from before the marks; run: lms audit adopt", source=waiting)
    return waiting is None


def _seal_batch(session: Session, *, now: datetime) -> int:
    digest = Digest()
    entries = session.execute(
        select(AuditEntryRow.id, AuditEntryRow.mac)
        .where(AuditEntryRow.seal_no.is_(None))
        .order_by(AuditEntryRow.id)
        .limit(BATCH)
    ).all()
    for entry in entries:
        digest.add("audit_entry", entry.id, entry.mac)
    marks = session.execute(
        select(*MARK_COLUMNS)
        .where(IntegrityMarkRow.seal_no.is_(None))
        .order_by(IntegrityMarkRow.id)
        .limit(BATCH - len(entries))
    ).all()
    for mark in marks:
        digest.add("integrity_mark", *mark)
    if not digest.entries:
        return 0
    before = session.execute(select(SealRow.no, SealRow.head).order_by(SealRow.no.desc()).limit(1)).first()
    no, previous = (before.no + 1, before.head) if before else (1, "")
    hexed = digest.hex()
    session.execute(
        insert(SealRow).values(
            no=no,
            at=now,
            entries=digest.entries,
            digest=hexed,
            previous=previous,
            head=head_mac(no, now, digest.entries, hexed, previous),
        )
    )
    _number(session, AuditEntryRow, [entry.id for entry in entries], no)
    _number(session, IntegrityMarkRow, [mark.id for mark in marks], no)
    return digest.entries


MARK_COLUMNS = (
    IntegrityMarkRow.id,
    IntegrityMarkRow.source,
    IntegrityMarkRow.row_id,
    IntegrityMarkRow.version,
    IntegrityMarkRow.mac,
)


def _number(session: Session, model: type[Any], ids: Sequence[UUID], no: int) -> None:
    for start in range(0, len(ids), ROWS_A_STATEMENT):
        session.execute(
            update(model)
            .where(model.id.in_(ids[start : start + ROWS_A_STATEMENT]))
            .values(seal_no=no)
            .execution_options(synchronize_session=False)
        )


@contextmanager
def _held(log_path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Keeps other sealers of this machine away; False when one is at work."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.with_name(f"{log_path.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _write_heads(log_path: Path, *, now: datetime) -> None:
    """Appends the heads that the log lacks at its end: those of this run, and of runs that were killed before this step.

    Older ones than LOGGED_LATE are left out: a log that lost its lines is for the verification to report, not to be mended here.
    """
    last, since = _last_logged(log_path), now - LOGGED_LATE
    _append(log_path, _seals_after(last, since=since))
    with reading() as session:
        late = session.execute(
            select(SealRow.no).where(SealRow.no > last, SealRow.at <= since).order_by(SealRow.no).limit(1)
        ).scalar()
    if late:
        log.error("heads are missing from the seal log", first=late)


def _last_logged(log_path: Path) -> int:
    if not log_path.exists():
        return 0
    with log_path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
        lines = file.read().decode("ascii", "replace").split("\n")
    return chain.last_logged(lines[:-1])  # what stands after the last line's end was never finished


def _seals_after(no: int, *, since: datetime | None = None) -> list[Seal]:
    statement = select(*SEAL_COLUMNS).where(SealRow.no > no).order_by(SealRow.no).limit(LINES_A_RUN)
    if since is not None:
        statement = statement.where(SealRow.at > since)
    with reading() as session:
        return [Seal(*row) for row in session.execute(statement)]


SEAL_COLUMNS = (SealRow.no, SealRow.at, SealRow.entries, SealRow.digest, SealRow.previous, SealRow.head)


def _append(log_path: Path, seals: Sequence[Seal]) -> None:
    """Adds lines and waits for the disk; what a killed process left of a line is ended first."""
    if not seals:
        return
    descriptor = os.open(log_path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        lines = "\n" * torn + "".join(f"{chain.line(one)}\n" for one in seals)
        os.write(descriptor, lines.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
