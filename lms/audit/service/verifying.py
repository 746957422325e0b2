"""Proves the record: every entry and official row fits its HMAC, every seal its rows and the seal before, and the log outside all seals."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from lms.audit.domain.chain import Digest, Seal
from lms.audit.domain.findings import Finding, Kind, Report
from lms.audit.models import AuditEntryRow, IntegrityMarkRow, SealRow
from lms.audit.service.headlog import HeadLog
from lms.audit.service.marks import Source, sources
from lms.audit.service.recording import entry_mac, record
from lms.audit.service.sealing import MARK_COLUMNS, SEAL_COLUMNS, head_mac
from lms.audit.service.walking import rows_by_key, snapshot, stream
from lms.infra.db import unit_of_work
from lms.kernel import clock

log = structlog.get_logger()

LATE = timedelta(minutes=10)
NEWEST = 20
"""So many seals may be made within LATE: only their lines may still be missing from the log, whatever a clock says."""
SKEW = timedelta(minutes=5)
"""Clocks of machines differ by less."""
_ENTRY_COLUMNS = tuple(AuditEntryRow.__table__.c)
_ENTRY_NAMES = tuple(column.name for column in _ENTRY_COLUMNS)

Check = Callable[[Session], Iterator[Finding | None]]
_checks: list[tuple[str, Check]] = []


def register_check(part: str) -> Callable[[Check], Check]:
    """Registers what a subject looks at besides its marks; it yields a finding, or None, for each thing of its `part`."""

    def register(check: Check) -> Check:
        _checks.append((part, check))
        return check

    return register


def verify(log_path: Path, *, now: datetime) -> Report:
    """Walks everything in one snapshot of the database. The log is opened first: what is sealed meanwhile is not missing from it."""
    started = clock.monotonic()
    report = Report()
    with HeadLog(log_path) as heads, snapshot() as session:
        report.add(_chain(session, report, heads, now=now))
        for source in sources():
            report.add(_rows(session, source, report))
        report.add(_of_no_table(session))
        for part, check in _checks:
            for finding in check(session):
                report.checked[part] += 1
                report.add([finding] if finding else [])
    report.seconds = clock.monotonic() - started
    return report


def verify_and_record(log_path: Path, *, now: datetime) -> Report:
    """Verifies and keeps the result in the record; what is not sound is told in the log as an error, too."""
    report = verify(log_path, now=now)
    found = report.as_data()
    with unit_of_work() as session:
        record(
            session,
            action="audit.verified",
            object_type="audit",
            object_id=None,
            result="ok" if report.ok else "broken",
            details={name: found[name] for name in ("counts", "checked", "first", "last_seal")},
            now=now,
        )
    if not report.ok:
        log.error("the record is not sound", counts=dict(report.counts), first=found["first"])
    return report


def _chain(session: Session, report: Report, heads: HeadLog, *, now: datetime) -> Iterator[Finding]:
    """All seals in their order with the rows they seal, then the rows that no seal has yet."""
    entries = _Groups(session, select(*_ENTRY_COLUMNS), AuditEntryRow)
    marks = _Groups(session, select(*MARK_COLUMNS, IntegrityMarkRow.seal_no), IntegrityMarkRow)
    previous, expected, since, before = "", 1, now - LATE, None
    newest = session.execute(select(func.max(SealRow.no))).scalar() or 0
    for row in stream(session, select(*SEAL_COLUMNS).order_by(SealRow.no)):
        seal = Seal(*row)
        if seal.no != expected:
            yield Finding(Kind.MISSING_SEAL, "seal", str(expected), f"seal {expected} is gone; the next is {seal.no}")
        elif seal.previous != previous:
            yield Finding(Kind.CHAIN, "seal", str(seal.no), f"seal {seal.no} does not follow the seal before it")
        yield from _orphans(entries, marks, report, before=seal.no)
        yield from _sealed(seal, entries.take(seal.no), marks.take(seal.no), report)
        yield from heads.compare(seal, tolerated=seal.at > since and seal.no > newest - NEWEST)
        yield from _timed(seal, before, now)
        previous, expected, before = seal.head, seal.no + 1, seal.at
        report.checked["seals"] += 1
    report.last_seal = expected - 1
    yield from _orphans(entries, marks, report, before=None)
    yield from heads.beyond(report.last_seal)
    oldest = None
    for entry in stream(
        session, select(*_ENTRY_COLUMNS).where(AuditEntryRow.seal_no.is_(None)).order_by(AuditEntryRow.id)
    ):
        oldest = oldest or entry.at
        yield from _entry(entry, report)
    if oldest and oldest < since:
        report.notes.append(f"rows wait for their seal since {oldest:%Y-%m-%d %H:%M} UTC: is a worker running?")


def _timed(seal: Seal, before: datetime | None, now: datetime) -> Iterator[Finding]:
    """A clock that was set back, or a seal that was dated ahead, would hide a log that was cut."""
    if seal.at > now + SKEW:
        yield Finding(
            Kind.TIME, "seal", str(seal.no), f"seal {seal.no} is of {seal.at:%Y-%m-%d %H:%M} UTC, in the future"
        )
    elif before is not None and seal.at < before - SKEW:
        yield Finding(Kind.TIME, "seal", str(seal.no), f"seal {seal.no} is older than the seal before it")


class _Groups:
    """The sealed rows of a table, one seal after the other."""

    def __init__(self, session: Session, columns: Select[*tuple[Any, ...]], model: type[Any]) -> None:
        statement = columns.where(model.seal_no.is_not(None)).order_by(model.seal_no, model.id)
        self._groups = groupby(stream(session, statement), key=attrgetter("seal_no"))
        self._next = next(self._groups, None)

    def take(self, no: int) -> Iterator[Row[*tuple[Any, ...]]]:
        """The rows of the seal `no`; none when those that come next are of another."""
        if self._next is not None and self._next[0] == no:
            yield from self._next[1]
            self._next = next(self._groups, None)

    def before(self, no: int | None) -> Iterator[tuple[int, Iterator[Row[*tuple[Any, ...]]]]]:
        """Groups whose seal is not there: of smaller numbers than `no`, or all that are left."""
        while self._next is not None and (no is None or self._next[0] < no):
            yield self._next
            self._next = next(self._groups, None)


def _orphans(entries: _Groups, marks: _Groups, report: Report, *, before: int | None) -> Iterator[Finding]:
    for no, rows in entries.before(before):
        for row in rows:
            yield from _entry(row, report)
        yield Finding(Kind.MISSING_SEAL, "seal", str(no), f"seal {no}, which audit entries name, is gone")
    for no, _rest in marks.before(before):
        yield Finding(Kind.MISSING_SEAL, "seal", str(no), f"seal {no}, which marks name, is gone")


def _sealed(seal: Seal, entries: Iterator[Any], marks: Iterator[Any], report: Report) -> Iterator[Finding]:
    digest = Digest()
    for entry in entries:
        digest.add("audit_entry", entry.id, entry.mac)
        yield from _entry(entry, report)
    for mark in marks:
        digest.add("integrity_mark", *mark[:-1])
    if head_mac(seal.no, seal.at, seal.entries, seal.digest, seal.previous) != seal.head:
        yield Finding(Kind.SEAL, "seal", str(seal.no), f"seal {seal.no} does not fit its HMAC")
    told = f"seal {seal.no} of {seal.at:%Y-%m-%d %H:%M:%S} UTC"
    if digest.entries != seal.entries:
        yield Finding(
            Kind.BATCH, "seal", str(seal.no), f"{told}: {seal.entries} rows were sealed, {digest.entries} are there"
        )
    elif digest.hex() != seal.digest:
        yield Finding(Kind.BATCH, "seal", str(seal.no), f"{told}: its rows are not those that were sealed")


def _entry(row: Any, report: Report) -> Iterator[Finding]:
    report.checked["audit"] += 1
    if entry_mac(dict(zip(_ENTRY_NAMES, row, strict=True))) != row.mac:
        yield Finding(
            Kind.ALTERED, "audit_entry", str(row.id), f"entry of {row.at:%Y-%m-%d %H:%M:%S} UTC does not fit its HMAC"
        )


def _rows(session: Session, source: Source, report: Report) -> Iterator[Finding]:
    """Official rows and their marks, side by side in the order of the keys."""
    marks = groupby(
        stream(
            session,
            select(IntegrityMarkRow.row_id, IntegrityMarkRow.version, IntegrityMarkRow.mac)
            .where(IntegrityMarkRow.source == source.name)
            .order_by(IntegrityMarkRow.row_id, IntegrityMarkRow.version),
        ),
        key=attrgetter("row_id"),
    )
    marked = next(marks, None)
    for row_id, values in rows_by_key(session, source):
        report.checked[source.part] += 1
        while marked is not None and marked[0] < row_id:
            yield _deleted(source, marked[0])
            marked = next(marks, None)
        if marked is None or marked[0] != row_id:
            yield Finding(Kind.UNMARKED, source.name, row_id, "the row has no mark")
            continue
        yield from _row(source, row_id, values, list(marked[1]))
        marked = next(marks, None)
    while marked is not None:
        yield _deleted(source, marked[0])
        marked = next(marks, None)


def _of_no_table(session: Session) -> Iterator[Finding]:
    """Marks that no walk over an official table comes by."""
    known = [source.name for source in sources()]
    strange = select(IntegrityMarkRow.source, IntegrityMarkRow.row_id).where(IntegrityMarkRow.source.not_in(known))
    for name, row_id in stream(session, strange.order_by(IntegrityMarkRow.source, IntegrityMarkRow.row_id)):
        yield Finding(Kind.MARKS, name, row_id, "a mark of a table that has no official rows")


def _deleted(source: Source, row_id: str) -> Finding:
    return Finding(Kind.DELETED, source.name, row_id, "the row that its mark vouches for is gone")


def _row(source: Source, row_id: str, values: dict[str, Any], marks: list[Any]) -> Iterator[Finding]:
    newest = marks[-1]
    if newest.version != len(marks):
        yield Finding(Kind.MARKS, source.name, row_id, f"{len(marks)} marks, the newest is number {newest.version}")
    if source.mac(values, row_id, newest.version) != newest.mac:
        yield Finding(Kind.ALTERED, source.name, row_id, "the row does not fit its mark")
