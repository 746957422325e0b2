"""The rows that a beat reads and writes, as statements of the database driver itself.

PostgreSQL writes both rows in one statement that holds only while neither changed since it was read; SQLite's writer is alone.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg

from lms.infra import db, dbdriver
from lms.learning.domain.intervals import Span


class Overtaken(Exception):
    """Somebody else wrote one of the rows since they were read; reading again sees it."""


class Playing(NamedTuple):
    """A lease with its person's progress in its asset. `seen` is what PostgreSQL knows the two versions by."""

    id: UUID
    person_id: UUID
    asset_id: UUID
    course_id: UUID
    enrolment_id: UUID | None
    state: str
    opened_at: datetime
    last_beat_at: datetime
    ended_at: datetime | None
    held_ms: int
    credited_ms: int
    max_rate_percent: int
    threshold_percent: int
    duration_ms: int
    last_seq: int
    playlist_at: datetime | None
    presence_seconds: int | None
    presence_due_ms: int | None
    presence_item_id: UUID | None
    presence_id: UUID | None
    presence_asked_at: datetime | None
    beats: int
    gap_low_ms: int
    gap_high_ms: int
    watched: tuple[Span, ...]
    trims: dict[str, int]
    position_ms: int
    completed_at: datetime | None
    seen: tuple[str, str]

    def after(self, change: "Change", seen: tuple[str, str]) -> "Playing":
        """The same rows once `change` was written."""
        return self._replace(
            state=change.state,
            ended_at=change.ended_at,
            last_beat_at=change.last_beat_at,
            held_ms=change.held_ms,
            credited_ms=change.credited_ms,
            last_seq=change.last_seq,
            presence_id=change.presence_id,
            presence_asked_at=change.presence_asked_at,
            beats=change.beats,
            gap_low_ms=change.gap_low_ms,
            gap_high_ms=change.gap_high_ms,
            watched=change.watched,
            trims=change.trims,
            position_ms=change.position_ms,
            completed_at=change.completed_at,
            seen=seen,
        )


class Change(NamedTuple):
    """What a beat makes of both rows."""

    state: str
    ended_at: datetime | None
    last_beat_at: datetime
    held_ms: int
    credited_ms: int
    last_seq: int
    presence_id: UUID | None
    presence_asked_at: datetime | None
    beats: int
    gap_low_ms: int
    gap_high_ms: int
    watched: tuple[Span, ...]
    covered_ms: int
    trims: dict[str, int]
    position_ms: int
    completed_at: datetime | None
    changed_at: datetime


_READ = """
SELECT l.id, l.person_id, l.asset_id, l.course_id, l.enrolment_id, l.state, l.opened_at, l.last_beat_at, l.ended_at,
    l.held_ms, l.credited_ms, l.max_rate_percent, l.threshold_percent, l.duration_ms, l.last_seq, l.playlist_at,
    l.presence_seconds, l.presence_due_ms, l.presence_item_id, l.presence_id, l.presence_asked_at,
    l.beats, l.gap_low_ms, l.gap_high_ms,
    p.watched, p.trims, p.position_ms, p.completed_at, ROW_VERSIONS
FROM watch_lease AS l JOIN watch_progress AS p ON p.person_id = l.person_id AND p.asset_id = l.asset_id
WHERE l.id = ?"""
_SET_LEASE = """
UPDATE watch_lease SET state = ?, ended_at = ?, last_beat_at = ?, held_ms = ?, credited_ms = ?, last_seq = ?,
    presence_id = ?, presence_asked_at = ?, beats = ?, gap_low_ms = ?, gap_high_ms = ?
WHERE id = ?"""
_SET_PROGRESS = """
UPDATE watch_progress SET watched = ?, covered_ms = ?, trims = ?, position_ms = ?, completed_at = ?, changed_at = ?,
    version = version + 1
WHERE person_id = ? AND asset_id = ?"""

_LITE_READ = _READ.replace("ROW_VERSIONS", "'', ''")
_PG_READ = _READ.replace("ROW_VERSIONS", "l.xmin::text, p.xmin::text").replace("?", "%s")
_PG_READ = _PG_READ.replace("p.watched", "p.watched::text").replace("p.trims", "p.trims::text")
_PG_LOCKED = _PG_READ + " FOR UPDATE"
# No row when the lease was overtaken. No half of it is ever stored: a division by zero takes back the whole.
_PG_WRITE = """
WITH lease AS (SET_LEASE AND xmin = %s::xid RETURNING 1),
    progress AS (SET_PROGRESS AND xmin = %s::xid AND EXISTS (SELECT FROM lease) RETURNING 1)
SELECT pg_current_xact_id()::xid::text, 1 / (SELECT count(*) FROM progress) FROM lease"""
_PG_WRITE = _PG_WRITE.replace("SET_LEASE", _SET_LEASE.replace("?", "%s"))
_PG_WRITE = _PG_WRITE.replace("SET_PROGRESS", _SET_PROGRESS.replace("?", "%s"))
_spans = msgspec.json.Decoder(tuple[Span, ...])
_counts = msgspec.json.Decoder(dict[str, int])
_json = msgspec.json.Encoder()


def read(connection: Any, lease_id: UUID, *, lock: bool = False) -> Playing | None:
    """The rows of a lease, on PostgreSQL locked if asked; None when there is none."""
    if db.dialect() == "sqlite":
        row = dbdriver.execute(connection, _LITE_READ, (lease_id.hex,)).fetchone()
        return row and _from_sqlite(row)
    row = dbdriver.execute(connection, _PG_LOCKED if lock else _PG_READ, (lease_id,)).fetchone()
    return row and Playing._make((*row[:24], _spans.decode(row[24]), _counts.decode(row[25]), *row[26:28], row[28:]))


def write(connection: Any, row: Playing, change: Change) -> tuple[str, str]:
    """Writes both rows; what PostgreSQL knows them by now. Raises Overtaken when one is no longer what was read: nothing was written."""
    lease = change[:11]
    watched, covered_ms, trims, position_ms, completed_at, changed_at = change[11:]
    spans, counts = _json.encode(watched).decode(), _json.encode(trims).decode()
    kept = (spans, covered_ms, counts, position_ms, completed_at, changed_at, row.person_id, row.asset_id)
    if db.dialect() == "sqlite":
        dbdriver.execute(connection, _SET_LEASE, [*map(_to_sqlite, lease), row.id.hex])
        dbdriver.execute(connection, _SET_PROGRESS, [*map(_to_sqlite, kept)])
        return row.seen
    try:
        written = dbdriver.execute(connection, _PG_WRITE, (*lease, row.id, row.seen[0], *kept, row.seen[1])).fetchone()
    except psycopg.errors.DivisionByZero as error:
        raise Overtaken from error
    if written is None:
        raise Overtaken
    return written[0], written[0]


def _to_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return value.hex if isinstance(value, UUID) else value


def _from_sqlite(row: Any) -> Playing:
    ids, moment = UUID, _moment
    return Playing(
        ids(row[0]),
        ids(row[1]),
        ids(row[2]),
        ids(row[3]),
        row[4] and ids(row[4]),
        row[5],
        moment(row[6]),
        moment(row[7]),
        row[8] and moment(row[8]),
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
        row[15] and moment(row[15]),
        row[16],
        row[17],
        row[18] and ids(row[18]),
        row[19] and ids(row[19]),
        row[20] and moment(row[20]),
        row[21],
        row[22],
        row[23],
        _spans.decode(row[24]),
        _counts.decode(row[25]),
        row[26],
        row[27] and moment(row[27]),
        row[28:],
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
