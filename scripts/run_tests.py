"""Runs the test suite on SQLite and on PostgreSQL, says what a machine leaves out, and fails for it under CI=true.

Chromium: LMS_CHROMIUM, else one that is installed, else the system's package manager when it may.
PostgreSQL: LMS_TEST_POSTGRES, else a server at 127.0.0.1:5432 that lets the user postgres in.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

import psycopg
import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/"
ON_POSTGRES = (
    "tests/service",
    "tests/web",
    "tests/browser",
    "tests/kill/test_mid_certificate.py",  # the others kill what no database sees: encoders, fences, the demo itself
    "tests/kill/test_mid_exam.py",
    "tests/kill/test_mid_watch.py",
    "tests/hard",
)

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


def run_pytest(database: str, marks: list[str], folders: tuple[str, ...], env: dict[str, str]) -> int:
    print(f"\n== pytest, {database} ==", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "--database", database, "-m", " and ".join(marks), *folders]
    return subprocess.run(command, env=env).returncode


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--hard", action="store_true", help="the tests marked hard, instead of all others")
    hard = ask.parse_args().hard

    env = dict(os.environ)
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
    codes = [run_pytest("sqlite", [*marks, "not postgres"], (), env)]
    if postgres:
        env["LMS_TEST_POSTGRES"] = postgres
        codes.append(run_pytest("postgresql", marks, ON_POSTGRES, env))
    else:
        left_out.append(
            "没有 PostgreSQL，相关测试未运行 · no PostgreSQL: the second run, on PostgreSQL, is left out.\n"
            "   start one at 127.0.0.1:5432, or set LMS_TEST_POSTGRES"
        )

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
