"""Runs the test suite on SQLite and on PostgreSQL at the same time, says what a machine leaves out, and fails for it under CI=true.

Chromium: LMS_CHROMIUM, else one that is installed, else the system's package manager when it may.
PostgreSQL: LMS_TEST_POSTGRES, else a server at 127.0.0.1:5432 that lets the user postgres in.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from typing import IO

import psycopg
import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/"
ON_POSTGRES = (
    "tests/service",
    "tests/web",
    "tests/kill/test_mid_certificate.py",  # the others kill what no database sees: encoders, fences, the demo itself
    "tests/kill/test_mid_exam.py",
    "tests/kill/test_mid_watch.py",
    "tests/hard",
    "tests/browser",
)
PROCESSES = ("tests/media", "tests/kill", "tests/browser")  # they wait for processes more than they compute
"""Browser tests come last in a session: Playwright leaves an event loop running, beside which nobody can start another."""

Run = tuple[str, list[str], tuple[str, ...]]
"""A session of pytest: its database, the marks that choose its tests, and where they are."""

NOTHING_RAN = int(pytest.ExitCode.NO_TESTS_COLLECTED)


def find_chromium() -> str | None:
    asked = os.environ.get("LMS_CHROMIUM")
    if asked:
        return asked
    return next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)


def install_chromium() -> str | None:
    """Ask apt for Chromium when that is allowed without a question; returns its path, or None."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    print("· 安装 Chromium · installing Chromium", flush=True)
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run([apt, "--quiet", *command], env=env, capture_output=True, text=True)
        if done.returncode != 0:
            print((done.stdout + done.stderr)[-1500:], flush=True)
    return find_chromium()


def find_postgres() -> str | None:
    """The address of a PostgreSQL server that answers, or None. An address that was asked for is not questioned."""
    asked = os.environ.get("LMS_TEST_POSTGRES")
    if asked:
        return asked
    try:
        psycopg.connect("host=127.0.0.1 port=5432 user=postgres dbname=postgres connect_timeout=2").close()
    except psycopg.OperationalError:
        return None
    return LOCAL_POSTGRES


def start_pytest(
    database: str, marks: list[str], folders: tuple[str, ...], env: dict[str, str], out: IO[str] | None = None
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "--database", database, "-m", " and ".join(marks), *folders]
    return subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT if out else None, text=True)


def run_all(runs: list[Run], env: dict[str, str]) -> list[int]:
    """Several sessions side by side: they share nothing. The first is seen as it goes, the others afterwards."""
    with contextlib.ExitStack() as files:
        behind = []
        for database, marks, folders in runs[1:]:
            out = files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            behind.append((database, folders, out, start_pytest(database, marks, folders, env, out)))
        print(f"\n== pytest, {runs[0][0]} ==", flush=True)
        codes = [start_pytest(*runs[0], env).wait()]
        for database, folders, out, process in behind:
            codes.append(process.wait())
            out.seek(0)
            print(f"\n== pytest, {database}: {' '.join(folders)} ==\n{out.read()}", flush=True)
    return codes


def hard_runs(runs: list[Run]) -> list[list[Run]]:
    """The long forms side by side, but for those that measure time: each database has the machine to itself for them."""
    rest = [(database, [*marks, "not alone"], folders) for database, marks, folders in runs]
    return [rest, *([(database, [*marks, "alone"], folders)] for database, marks, folders in runs)]


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--hard", action="store_true", help="the tests marked hard, instead of all others")
    hard = ask.parse_args().hard

    env = dict(os.environ, PYTHONUNBUFFERED="1")  # what a session has said is there also when it is ended from outside
    marks = ["hard" if hard else "not hard"]
    left_out = []

    chromium = find_chromium() or install_chromium()
    if chromium:
        env["LMS_CHROMIUM"] = chromium
    else:
        marks.append("not browser")
        left_out.append(
            "没有 Chromium，浏览器测试未运行 · no Chromium: the browser tests (marked browser) are left out.\n"
            "   apt install chromium, or set LMS_CHROMIUM"
        )

    postgres = find_postgres()
    on_sqlite = [*marks, "not postgres"]
    runs: list[Run] = [
        ("sqlite", on_sqlite, tuple(f"--ignore={folder}" for folder in PROCESSES)),
        ("sqlite", on_sqlite, PROCESSES),
    ]
    if postgres:
        env["LMS_TEST_POSTGRES"] = postgres
        runs.append(("postgresql", marks, ON_POSTGRES))
    else:
        left_out.append(
            "没有 PostgreSQL，相关测试未运行 · no PostgreSQL: the second run, on PostgreSQL, is left out.\n"
            "   start one at 127.0.0.1:5432, or set LMS_TEST_POSTGRES"
        )

    codes = [code for together in (hard_runs(runs) if hard else [runs]) for code in run_all(together, env)]
    for line in left_out:
        print(f"!! {line}", flush=True)
    if left_out and os.environ.get("CI") == "true":
        print("!! CI=true: nothing may be left out", flush=True)
        return 1
    if all(code == NOTHING_RAN for code in codes):
        return NOTHING_RAN
    return next((code for code in codes if code not in {0, NOTHING_RAN}), 0)


if __name__ == "__main__":
    sys.exit(main())
