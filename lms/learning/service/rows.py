"""The rows that a beat reads and writes, as statements of the database driver itself.

Both rows are written in one statement that holds only while neither changed since they were read, so that a beat holds no lock
while it is decided. PostgreSQL knows a row by the transaction that wrote it; on SQLite a trigger of the connection's own compares
what the decision rested on.
"""

import operator
import sqlite3
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
    """A lease with its person's progress in its asset. `seen` is what the database knows the two versions by."""

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
    seen: tuple[str | int, str | int]

    def after(self, change: "Change", seen: tuple[str | int, str | int]) -> "Playing":
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
_LITE_READ = _READ.replace("ROW_VERSIONS", "0, p.version")
# What a decision rests on and others may change; `seen` holds the version of the progress.
_RESTED_ON = (
    "state", "last_beat_at", "ended_at", "held_ms", "credited_ms", "last_seq", "playlist_at", "presence_due_ms",
    "presence_item_id", "presence_id", "presence_asked_at", "beats", "gap_low_ms", "gap_high_ms",
)  # fmt: skip
_rested_on = operator.attrgetter(*_RESTED_ON)
_LEASE_SET = (
    "state", "ended_at", "last_beat_at", "held_ms", "credited_ms", "last_seq", "presence_id", "presence_asked_at", "beats",
    "gap_low_ms", "gap_high_ms",
)  # fmt: skip
_PROGRESS_SET = ("watched", "covered_ms", "trims", "position_ms", "completed_at", "changed_at")
_WRITTEN = (
    *(f"new_{name}" for name in (*_LEASE_SET, *_PROGRESS_SET)), "of_lease", "of_person", "of_asset",
    *(f"old_{name}" for name in _RESTED_ON), "old_version",
)  # fmt: skip
_LITE_SETUP = (
    f"CREATE TEMP VIEW taken_beat ({', '.join(_WRITTEN)}) AS SELECT {', '.join('0' for _ in _WRITTEN)}",
    f"""CREATE TEMP TRIGGER taken_beat_write INSTEAD OF INSERT ON taken_beat BEGIN
SELECT RAISE(ABORT, 'overtaken') WHERE NOT EXISTS (SELECT 1 FROM watch_lease AS l
    JOIN watch_progress AS p ON p.person_id = NEW.of_person AND p.asset_id = NEW.of_asset
    WHERE l.id = NEW.of_lease AND p.version = NEW.old_version
    AND {" AND ".join(f"l.{name} IS NEW.old_{name}" for name in _RESTED_ON)});
UPDATE watch_lease SET {", ".join(f"{name} = NEW.new_{name}" for name in _LEASE_SET)} WHERE id = NEW.of_lease;
UPDATE watch_progress SET {", ".join(f"{name} = NEW.new_{name}" for name in _PROGRESS_SET)}, version = version + 1
    WHERE person_id = NEW.of_person AND asset_id = NEW.of_asset;
END""",  # noqa: S608 - names of this module
)
_LITE_WRITE = f"INSERT INTO taken_beat VALUES ({', '.join('?' for _ in _WRITTEN)})"  # noqa: S608 - names of this module
_PG_READ = _READ.replace("ROW_VERSIONS", "l.xmin::text, p.xmin::text").replace("?", "%s")
_PG_READ = _PG_READ.replace("p.watched", "p.watched::text").replace("p.trims", "p.trims::text")
_PG_LOCKED = _PG_READ + " FOR UPDATE"
# No row when the lease was overtaken. No half of it is ever stored: a division by zero takes back the whole.
_PG_WRITE = f"""
WITH lease AS (UPDATE watch_lease SET {", ".join(f"{name} = %s" for name in _LEASE_SET)}
        WHERE id = %s AND xmin = %s::xid RETURNING 1),
    progress AS (UPDATE watch_progress SET {", ".join(f"{name} = %s" for name in _PROGRESS_SET)}, version = version + 1
        WHERE person_id = %s AND asset_id = %s AND xmin = %s::xid AND EXISTS (SELECT FROM lease) RETURNING 1)
SELECT pg_current_xact_id()::xid::text, 1 / (SELECT count(*) FROM progress) FROM lease"""  # noqa: S608 - names of this module
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


def write(connection: Any, row: Playing, change: Change) -> tuple[str | int, str | int]:
    """Writes both rows; what the database knows them by now. Raises Overtaken when one is no longer what was read: nothing was written."""
    lease = change[:11]
    watched, covered_ms, trims, position_ms, completed_at, changed_at = change[11:]
    spans, counts = _json.encode(watched).decode(), _json.encode(trims).decode()
    kept = (spans, covered_ms, counts, position_ms, completed_at, changed_at)
    if db.dialect() == "sqlite":
        told = (*lease, *kept, row.id, row.person_id, row.asset_id, *_rested_on(row), row.seen[1])
        _write_sqlite(connection, [*map(_to_sqlite, told)])
        return 0, int(row.seen[1]) + 1
    told = (*lease, row.id, row.seen[0], *kept, row.person_id, row.asset_id, row.seen[1])
    try:
        written = dbdriver.execute(connection, _PG_WRITE, told).fetchone()
    except psycopg.errors.DivisionByZero as error:
        raise Overtaken from error
    if written is None:
        raise Overtaken
    return written[0], written[0]


def _write_sqlite(connection: Any, values: list[object]) -> None:
    try:
        dbdriver.execute(connection, _LITE_WRITE, values)
    except sqlite3.IntegrityError as error:
        if str(error) != "overtaken":
            raise
        raise Overtaken from error
    except sqlite3.OperationalError as error:
        if "no such table: taken_beat" not in str(error):
            raise
        for statement in _LITE_SETUP:  # the first beat of this connection
            connection.execute(statement)
        _write_sqlite(connection, values)


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
