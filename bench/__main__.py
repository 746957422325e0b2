"""`python -m bench`: measures each database in turn, paths interleaved in rounds, and prints medians as JSON lines.

A line compares with Flask's hello, with one raw commit of a tiny application and with one of the platform itself, measured in
the same rounds on the same machine: the ratios are what to hold on to, the absolute rates belong to the machine.

`python -m bench people` measures the lists of people in a nation of a million instead: see `bench.people`.
`python -m bench growth` holds beats among ten million records of progress against beats among ten thousand; `--rows` takes fewer.
`python -m bench exams` holds starts, saves and hand-ins among 100,000 items and 1,000,000 attempts against those among few.
"""

import argparse
import json
import os
import platform
import secrets
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path as File

import psycopg

from bench import exams, growth, paths, people
from bench.client import Run, load
from bench.machine import backends, cpu_ms
from bench.paths import Goal, Path
from bench.server import Server, new_environment, run_world

POSTGRES = os.environ.get("LMS_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/")
CONNECTIONS = 8
THREADS = 4
WARMING, MEASURED = slice(0, 40), slice(40, None)  # candidates
OWN_COMMIT = "one commit of the platform"


class Measured:
    """The runs of one path, with the processor time of a request in the workers and in the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: list[Run] = []
        self.web_ms: list[float] = []
        self.database_ms: list[float] = []

    def median(self, of: Callable[[Run], float]) -> float:
        return statistics.median(of(run) for run in self.runs)

    @property
    def per_second(self) -> float:
        return self.median(lambda run: run.per_second)


class Bench:
    """One database: its world, the application's server and the tiny one beside it."""

    def __init__(self, database: str, url: str, home: File, *, workers: int, seconds: float, rounds: int) -> None:
        self.database, self.url, self.seconds, self.rounds, self.workers = database, url, seconds, rounds, workers
        self._home = home
        self._environment = new_environment(str(home), url)

    def run(self) -> list[Measured]:
        self._world: paths.World = run_world(self._environment)
        with ExitStack() as servers:
            self._app = servers.enter_context(self._server("bench.commits:application"))
            self._tiny = servers.enter_context(self._server("bench.tiny:application"))
            return [*self._interleaved(), *self._exam()]

    def _server(self, application: str) -> Server:
        log = self._home / f"{application.split(':')[0]}.log"
        return Server(application, self._environment, log, workers=self.workers, threads=THREADS)

    def _interleaved(self) -> list[Measured]:
        w = self._world
        measured = [
            Measured(path)
            for path in (
                Path("hello", paths.hello, tiny=True),
                Path("one commit", paths.commit, tiny=True),
                Path(OWN_COMMIT, paths.commit),
                Path("beat", paths.beats(w), Goal(cpu_ms=1.5, of_commit=0.7)),
                Path("catalogue page", paths.repeated("/courses", w), Goal(cpu_ms=8)),
                Path("class page", paths.repeated(f"/classes/{w['class_id']}", w), Goal(cpu_ms=8)),
                Path(
                    "lecture page",
                    paths.repeated(f"/lectures/{w['lecture_id']}?class={w['class_id']}", w),
                    Goal(cpu_ms=8),
                ),
            )
        ]
        for number in range(self.rounds + 1):
            for one in measured:
                self._measure(one, 0.3 if number == 0 else self.seconds)
                if number == 0:  # the first round only warms up
                    del one.runs[:], one.web_ms[:], one.database_ms[:]
        return measured

    def _exam(self) -> list[Measured]:
        """In this order, for each needs what the one before left; the first candidates only warm up."""
        run_world(self._environment, "draw", self._world["exam_id"], str(len(self._world["candidates"])))
        load(self._app.port, paths.starts(self._world, WARMING), connections=CONNECTIONS, seconds=60)
        early = paths.sittings(self._app.port, self._world, WARMING)
        load(self._app.port, paths.submissions(early), connections=CONNECTIONS, seconds=60)
        start = Measured(Path("exam start", paths.starts(self._world, MEASURED), Goal(cpu_ms=5), once=True))
        self._measure(start, 60)
        open_now = paths.sittings(self._app.port, self._world, MEASURED)
        save = Measured(Path("exam save", paths.saves(open_now), Goal(cpu_ms=4)))
        for _ in range(self.rounds):
            self._measure(save, self.seconds)
        pulse = Measured(Path("exam sign of life", paths.heartbeats(open_now), Goal(cpu_ms=4)))
        for _ in range(self.rounds):
            self._measure(pulse, self.seconds)
        submit = Measured(Path("exam submit", paths.submissions(open_now), Goal(cpu_ms=6), once=True))
        self._measure(submit, 60)
        return [start, save, pulse, submit]

    def _measure(self, one: Measured, seconds: float) -> None:
        server = self._tiny if one.path.tiny else self._app
        served = backends(self.url)
        web, stored = server.cpu_ms(), cpu_ms(served)
        run = load(server.port, one.path.requests, connections=CONNECTIONS, seconds=seconds)
        one.runs.append(run)
        one.web_ms.append((server.cpu_ms() - web) / max(run.answered, 1))
        one.database_ms.append((cpu_ms(served) - stored) / max(run.answered, 1))

    def lines(self, measured: list[Measured]) -> Iterator[dict[str, object]]:
        by_name = {one.path.name: one for one in measured}
        hello, commit = by_name["hello"].per_second, by_name["one commit"].per_second
        own = by_name[OWN_COMMIT].per_second
        for one in measured:
            web, goal = statistics.median(one.web_ms), one.path.goal
            of_own = one.per_second / own
            line: dict[str, object] = {
                "bench": one.path.name,
                "database": self.database,
                "per_second": round(one.per_second, 1),
                "p95_ms": round(one.median(lambda run: run.p95_ms), 1),
                "cpu_ms": round(web, 2),
                "database_cpu_ms": round(statistics.median(one.database_ms), 2) if self.database != "sqlite" else None,
                "of_hello": round(one.per_second / hello, 3),
                "of_commit": round(one.per_second / commit, 3),
                "of_own_commit": round(of_own, 3),
            }
            if goal.cpu_ms is not None:
                line["goal_cpu_ms"], line["met"] = goal.cpu_ms, web <= goal.cpu_ms
            if goal.of_commit is not None:
                line["goal_of_own_commit"] = goal.of_commit
                line["met"] = bool(line["met"]) and of_own >= goal.of_commit
            yield line


@contextmanager
def scratch_postgres() -> Iterator[str | None]:
    """The address of a database of this run alone; None when no server answers."""
    plain = POSTGRES.replace("+psycopg", "")
    name = f"lms_bench_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(f"{plain}postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        yield None
        return
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield POSTGRES + name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument(
        "group", nargs="?", choices=["paths", "people", "growth", "exams"], default="paths", help="what to measure"
    )
    ask.add_argument("--rows", type=int, default=10_000_000, help="records of progress at the end of growth")
    ask.add_argument("--items", type=int, default=100_000, help="in the banks at the end of exams")
    ask.add_argument("--attempts", type=int, default=1_000_000, help="at the same exam at the end of exams")
    ask.add_argument("--people", type=int, default=1_000_000)
    ask.add_argument("--units", type=int, default=100_000)
    ask.add_argument("--database", choices=["sqlite", "postgresql", "all"], default="all")
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--seconds", type=float, default=1.5, help="of each path in each round")
    ask.add_argument("--rounds", type=int, default=3)
    told = ask.parse_args()
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    if told.group == "people":
        print(json.dumps({"bench": "machine", **machine}), flush=True)
        _measure_people(told.people, told.units)
        return
    server = {"worker_class": "gthread", "workers": told.workers, "threads": THREADS, "connections": CONNECTIONS}
    print(json.dumps({"bench": "machine", **machine, **server}), flush=True)

    def measure(database: str, url: str, home: File) -> None:
        if told.group == "growth":
            found = growth.measured(
                database, url, home, rows=told.rows, workers=told.workers, seconds=told.seconds, rounds=told.rounds
            )
        elif told.group == "exams":
            found = exams.measured(
                database,
                url,
                home,
                items=told.items,
                attempts=told.attempts,
                workers=told.workers,
                seconds=told.seconds,
            )
        else:
            bench = Bench(database, url, home, workers=told.workers, seconds=told.seconds, rounds=told.rounds)
            found = bench.lines(bench.run())
        for line in found:
            print(json.dumps(line), flush=True)

    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        if told.database in {"sqlite", "all"}:
            home = File(folder, "sqlite")
            home.mkdir()
            measure("sqlite", f"sqlite:///{home / 'lms.sqlite3'}", home)
        if told.database in {"postgresql", "all"}:
            with scratch_postgres() as url:
                if url is None:
                    print(json.dumps({"bench": "postgresql", "left_out": "no server answers at LMS_TEST_POSTGRES"}))
                    return
                home = File(folder, "postgresql")
                home.mkdir()
                measure("postgresql", url, home)


def _measure_people(count: int, units: int) -> None:
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder, scratch_postgres() as url:
        if url is None:
            raise SystemExit("no PostgreSQL answers at LMS_TEST_POSTGRES")
        for line in people.measured(url, File(folder), people=count, units=units):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
