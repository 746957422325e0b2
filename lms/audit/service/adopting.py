"""Marks, once, the official rows that are older than their marks: of a whole database, or of tables that became official later."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.audit.models import AuditEntryRow, IntegrityMarkRow, SealRow
from lms.audit.service.marks import Source, mark_of, sources, store
from lms.audit.service.recording import record
from lms.audit.service.walking import rows_by_key
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict

ROWS_A_STATEMENT = 1_000
ADOPTED = "audit.adopted"


class AlreadySealed(Conflict):
    """From the first seal on, a row without a mark is a finding, not an old row."""

    code, title = "already_sealed", N_("封签已经开始，不能再为旧记录补加校验标记")


def adopt(*, now: datetime) -> Counter[str]:
    """Marks every official row that has no mark, as it is now, in one audited step. Returns how many of each table.

    Raises AlreadySealed once there is a seal.
    """
    adopted: Counter[str] = Counter()
    with unit_of_work() as session:
        if session.execute(select(SealRow.no).limit(1)).first() is not None:
            raise AlreadySealed
        for source in sources():
            adopted[source.name] = _adopt(session, source)
        _note(session, adopted, now=now)
    return +adopted


def adopt_tables(*, now: datetime) -> Counter[str]:
    """Marks the rows of tables that became official with an upgrade, in one audited step. Returns how many of each table.

    Once for each table in the life of a database: neither the record nor a mark knows it yet. Whoever takes all marks of a
    table away, to have its rows adopted as they are, leaves seals behind that name them.
    """
    adopted: Counter[str] = Counter()
    with unit_of_work() as session:
        known = {name for found in _earlier(session) for name in found.get("rows", {})}
        for source in sources():
            if source.name not in known and not _has_marks(session, source):
                adopted[source.name] = _adopt(session, source)
        if adopted:
            _note(session, adopted, now=now)
    return +adopted


def _earlier(session: Session) -> list[dict[str, Any]]:
    return list(session.execute(select(AuditEntryRow.details).where(AuditEntryRow.action == ADOPTED)).scalars())


def _has_marks(session: Session, source: Source) -> bool:
    marked = select(IntegrityMarkRow.row_id).where(IntegrityMarkRow.source == source.name).limit(1)
    return session.execute(marked).first() is not None


def _note(session: Session, adopted: Counter[str], *, now: datetime) -> None:
    details = {"rows": dict(adopted)}
    record(session, action=ADOPTED, object_type="integrity_mark", object_id=None, details=details, now=now)


def _adopt(session: Session, source: Source) -> int:
    """Marks are stored while the rows stream, so nothing larger than a statement is held."""
    marked = session.execute(
        select(IntegrityMarkRow.row_id)
        .where(IntegrityMarkRow.source == source.name, IntegrityMarkRow.version == 1)
        .order_by(IntegrityMarkRow.row_id)
    )
    known = {row.row_id for row in marked}
    pending = (mark_of(source, row) for row_id, row in rows_by_key(session, source) if row_id not in known)
    return sum(_stored(session, pending))


def _stored(session: Session, marks: Iterator[dict[str, Any]]) -> Iterator[int]:
    while some := list(islice(marks, ROWS_A_STATEMENT)):
        store(session, some)
        yield len(some)
