"""Whether a beat costs the same among ten thousand records of progress and among millions: rounds before and after the filling."""

import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench import paths
from bench.client import Requests, load
from bench.machine import backends, cpu_ms
from bench.server import Server, new_environment, run_world

FEW = 10_000
CONNECTIONS = 8
WITHIN = 0.2

# Ids in the order of time, as people get them; what is watched is one span, as of most who finished.
_POSTGRESQL = """
INSERT INTO watch_progress (person_id, asset_id, watched, covered_ms, position_ms, version, trims, changed_at)
SELECT (lpad(to_hex(n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
    (SELECT id FROM media_asset LIMIT 1), '[[0, 2700000]]', 2700000, 0, 1, '{}', now()
FROM generate_series(%s::bigint, %s::bigint) AS n"""
_SQLITE = """
WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO watch_progress (person_id, asset_id, watched, covered_ms, position_ms, version, trims, changed_at)
SELECT printf('%012x7%03x8', n, n % 4096) || substr(lower(hex(randomblob(8))), 2),
    (SELECT id FROM media_asset LIMIT 1), '[[0,2700000]]', 2700000, 0, 1, '{}', 0 FROM numbers"""


def fill(url: str, first: int, last: int) -> None:
    """Adds records of progress of people who are not there: their keys count, not their names."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
            connection.execute(_SQLITE, (first, last))
            connection.execute("ANALYZE")
        return
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute(_POSTGRESQL, (first, last))
        server.execute("VACUUM (ANALYZE) watch_progress")


def measured(
    database: str, url: str, home: Path, *, rows: int, workers: int, seconds: float, rounds: int
) -> Iterator[dict[str, Any]]:
    """One line with the processor time of a beat among few and among many records, and their ratio."""
    environment = new_environment(str(home), url)
    world = run_world(environment)
    fill(url, 1, FEW)
    with Server("lms.wsgi:application", environment, home / "server.log", workers=workers, threads=4) as server:
        beats = paths.beats(world)
        load(server.port, beats, connections=CONNECTIONS, seconds=0.5)
        few = [cost_of(server, url, beats, seconds).ms for _ in range(rounds)]
        began = time.monotonic()
        fill(url, FEW + 1, rows)
        filled = time.monotonic() - began
        load(server.port, beats, connections=CONNECTIONS, seconds=0.5)
        log = _written_ahead(url)
        costs = [cost_of(server, url, beats, seconds) for _ in range(rounds)]
        log = _written_ahead(url) - log
    many, answered = [one.ms for one in costs], sum(one.answered for one in costs)
    ratio = statistics.median(many) / statistics.median(few)
    yield {
        "bench": "beat, growth",
        "database": database,
        "rows": [FEW, rows],
        "cpu_ms": [round(statistics.median(few), 3), round(statistics.median(many), 3)],
        "fill_seconds": round(filled, 1),
        "disk_mb": megabytes(url, home),
        "log_bytes": round(log / max(answered, 1)) if log else None,
        "ratio": round(ratio, 3),
        "goal_within": WITHIN,
        "met": abs(ratio - 1) <= WITHIN,
    }


class Cost(NamedTuple):
    """Processor time of one request in the workers and in the database, in milliseconds, and how many requests there were."""

    web_ms: float
    database_ms: float
    answered: int

    @property
    def ms(self) -> float:
        return self.web_ms + self.database_ms


def cost_of(server: Server, url: str, requests: Requests, seconds: float) -> Cost:
    """Measures requests for so many seconds, or to their end."""
    served = backends(url)
    web, stored = server.cpu_ms(), cpu_ms(served)
    run = load(server.port, requests, connections=CONNECTIONS, seconds=seconds)
    one = max(run.answered, 1)
    return Cost((server.cpu_ms() - web) / one, (cpu_ms(served) - stored) / one, run.answered)


def _written_ahead(url: str) -> int:
    """How many bytes PostgreSQL has written to its log so far; 0 on SQLite."""
    if url.startswith("sqlite"):
        return 0
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
    return int(row[0]) if row else 0


def megabytes(url: str, home: Path) -> int:
    """What the database takes on the disk."""
    if url.startswith("sqlite"):
        return sum(one.stat().st_size for one in home.glob("lms.sqlite3*")) // 2**20
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) // 2**20 if row else 0
