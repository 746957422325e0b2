"""Marks, once, the official rows of a database that is older than the marks."""

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.audit.models import IntegrityMarkRow, SealRow
from lms.audit.service.marks import Source, mark_of, sources, store
from lms.audit.service.recording import record
from lms.audit.service.walking import rows_by_key
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict

ROWS_A_STATEMENT = 1_000


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
        record(
            session,
            action="audit.adopted",
            object_type="integrity_mark",
            object_id=None,
            details={"rows": dict(adopted)},
            now=now,
        )
    return +adopted


def _adopt(session: Session, source: Source) -> int:
    """Marks are stored while the rows stream, so nothing larger than a statement is held."""
    marked = session.execute(
        select(IntegrityMarkRow.row_id)
        .where(IntegrityMarkRow.source == source.name, IntegrityMarkRow.version == 1)
        .order_by(IntegrityMarkRow.row_id)
    )
    known = {row.row_id for row in marked}
    pending = [mark_of(source, row) for row_id, row in rows_by_key(session, source) if row_id not in known]
    for start in range(0, len(pending), ROWS_A_STATEMENT):
        store(session, pending[start : start + ROWS_A_STATEMENT])
    return len(pending)
