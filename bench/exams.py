"""Whether starts, saves and hand-ins cost the same among few items and attempts and among very many."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench import paths
from bench.client import load
from bench.growth import CONNECTIONS, Cost, cost_of, megabytes
from bench.server import Server, new_environment, run_world

GOALS = {"exam start": 5, "exam save": 4, "exam submit": 6}
"""Milliseconds of the workers, whatever the size."""
WARMING = 30  # of each half of the candidates

# Copies of the items that are there, and hand-ins of people who are not, at the very exam that is measured.
_ITEMS = """
INSERT INTO item_version (id, bank_code, revision_id, position, ref, type, stem, options, answer, explanation, sources,
    knowledge_point, difficulty, is_case, void_rule, state, created_at, content, item_id, version_no, author_id, valid_until,
    round, compared)
SELECT NEW_ID, bank_code, revision_id, position + 1000 * n, ref || '-' || n, type, stem || n, options, answer, explanation,
    sources, knowledge_point, difficulty, is_case, void_rule, state, created_at, content, NEW_ID, version_no, author_id,
    valid_until, round, compared
FROM item_version CROSS JOIN numbers"""
_ATTEMPTS = """
INSERT INTO attempt (id, exam_id, rules_version, person_id, attempt_no, state, epoch, seed, questions, started_at, deadline,
    closes_at, submitted_at, submitted_by)
SELECT NEW_ID, exam.id, 1, NEW_ID, 1, 'graded', 1, n, 20, exam.created_at, LATER, LATER, LATER, 'learner'
FROM exam CROSS JOIN numbers"""
_SCORES = """
INSERT INTO score (attempt_id, score, max_score, passed, sheet, graded_at)
SELECT id, 80, 100, BOOLEAN, '[]', closes_at FROM attempt WHERE state = 'graded'
AND id NOT IN (SELECT attempt_id FROM score)"""
_PAPERS = """
INSERT INTO attempt_question (attempt_id, position, item_version_id, type, points, option_order)
SELECT a.id, v.n, v.id, 'single', 5, '["A"]'
FROM (SELECT id FROM attempt WHERE id NOT IN (SELECT attempt_id FROM attempt_question) LIMIT PAPERS) AS a
CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM item_version LIMIT 20) AS v"""
_TABLES = ("item_version", "attempt", "score", "attempt_question")
_LITE_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most}) "


def _statements(items: int, attempts: int) -> Iterator[tuple[str, int]]:
    """Each statement with how many numbers it counts through. Every tenth attempt gets its paper: what is read goes by keys."""
    yield _ITEMS, max(items // (len(paths.OPTIONS) * 3 * 8), 1)
    yield _ATTEMPTS, attempts
    yield _SCORES, 0
    yield _PAPERS.replace("PAPERS", str(attempts // 10)), 0


def fill(url: str, items: int, attempts: int) -> None:
    """Adds published items to the banks and graded attempts to the exam."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (?, ?, ?, ?)", _TABLES
            ).fetchall()
            connection.execute("BEGIN IMMEDIATE")
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement, most in _statements(items, attempts):
                said = statement.replace("NEW_ID", "lower(hex(randomblob(16)))").replace("BOOLEAN", "1")
                said = said.replace("LATER", "exam.created_at + 3600000")
                if most:
                    head, tail = said.split("SELECT", 1)
                    said = head + _LITE_NUMBERS.format(most=most) + "SELECT" + tail
                connection.execute(said)
            for _, created in triggers:
                connection.execute(created)
            connection.execute("COMMIT")
            connection.execute("ANALYZE")
        return
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        for statement, most in _statements(items, attempts):
            said = statement.replace("NEW_ID", "gen_random_uuid()").replace("BOOLEAN", "true")
            said = said.replace("LATER", "exam.created_at + interval '1 hour'")
            server.execute(said.replace("numbers", f"generate_series(1, {most}) AS n"))
        for table in _TABLES:
            server.execute(f"VACUUM (ANALYZE) {table}")


def measured(
    database: str, url: str, home: Path, *, items: int, attempts: int, workers: int, seconds: float
) -> Iterator[dict[str, Any]]:
    """A line for each path: its processor time in the workers, and in the database, among few and among many.

    One line more tells what drawing a paper ahead costs the worker.
    """
    environment = new_environment(str(home), url)
    world = run_world(environment)
    half = len(world["candidates"]) // 2
    with Server("lms.wsgi:application", environment, home / "server.log", workers=workers, threads=4) as server:
        few, drawn_of_few = _sat(server, url, environment, world, 0, half, seconds)
        fill(url, items, attempts)
        many, drawn_of_many = _sat(server, url, environment, world, half, 2 * half, seconds)
    size = {"database": database, "items": items, "attempts": attempts}
    for name, goal in GOALS.items():
        before, after = few[name], many[name]
        line: dict[str, Any] = {"bench": f"{name}, growth", **size}
        line["cpu_ms"] = [round(before.web_ms, 2), round(after.web_ms, 2)]
        if database != "sqlite":
            line["database_cpu_ms"] = [round(before.database_ms, 2), round(after.database_ms, 2)]
        yield line | {"ratio": round(after.ms / before.ms, 3), "goal_cpu_ms": goal, "met": after.web_ms <= goal}
    drawn = [round(drawn_of_few, 2), round(drawn_of_many, 2)]
    yield {"bench": "paper drawn ahead, growth", **size, "cpu_ms": drawn, "disk_mb": megabytes(url, home)}


def _sat(
    server: Server, url: str, environment: dict[str, str], world: paths.World, first: int, last: int, seconds: float
) -> tuple[dict[str, Cost], float]:
    """What starts, saves and hand-ins of these candidates cost, and in ms of processor time a paper drawn for them."""
    drawn = run_world(environment, "draw", world["exam_id"], str(last - first))
    warming, rest = slice(first, first + WARMING), slice(first + WARMING, last)
    load(server.port, paths.starts(world, warming), connections=CONNECTIONS, seconds=60)
    early = paths.sittings(server.port, world, warming)
    load(server.port, paths.saves(early), connections=CONNECTIONS, seconds=0.5)
    load(server.port, paths.submissions(early), connections=CONNECTIONS, seconds=60)
    start = cost_of(server, url, paths.starts(world, rest), 60)
    open_now = paths.sittings(server.port, world, rest)
    save = cost_of(server, url, paths.saves(open_now), seconds)
    submit = cost_of(server, url, paths.submissions(open_now), 60)
    return {"exam start": start, "exam save": save, "exam submit": submit}, drawn["cpu_ms"] / drawn["papers"]
