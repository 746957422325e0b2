"""Whether a beat costs the same among ten thousand records of progress and among millions: rounds before and after the filling."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench import paths
from bench.client import load
from bench.machine import cpu_ms
from bench.server import Server, new_environment

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
    command = [sys.executable, "-m", "bench.world"]
    made = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True)
    world = json.loads(made.stdout.splitlines()[-1])
    fill(url, 1, FEW)
    with Server("lms.wsgi:application", environment, home / "server.log", workers=workers, threads=4) as server:
        beats = paths.beats(world)
        load(server.port, beats, connections=CONNECTIONS, seconds=0.5)
        few = [_cost(server, url, beats, seconds) for _ in range(rounds)]
        began = time.monotonic()
        fill(url, FEW + 1, rows)
        filled = time.monotonic() - began
        load(server.port, beats, connections=CONNECTIONS, seconds=0.5)
        many = [_cost(server, url, beats, seconds) for _ in range(rounds)]
    ratio = statistics.median(many) / statistics.median(few)
    yield {
        "bench": "beat, growth",
        "database": database,
        "rows": [FEW, rows],
        "cpu_ms": [round(statistics.median(few), 3), round(statistics.median(many), 3)],
        "fill_seconds": round(filled, 1),
        "ratio": round(ratio, 3),
        "goal_within": WITHIN,
        "met": abs(ratio - 1) <= WITHIN,
    }


def _cost(server: Server, url: str, beats: Any, seconds: float) -> float:
    """Processor time of one beat in the workers and in the database, in milliseconds."""
    backends = _backends(url)
    before = server.cpu_ms() + cpu_ms(backends)
    run = load(server.port, beats, connections=CONNECTIONS, seconds=seconds)
    return (server.cpu_ms() + cpu_ms(backends) - before) / max(run.answered, 1)


def _backends(url: str) -> list[int]:
    if url.startswith("sqlite"):
        return []
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
    return [row[0] for row in rows]
