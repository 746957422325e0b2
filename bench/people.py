"""The list of people of any union: how long a page and its query take in a nation of a million, and what they read.

`prepared` runs in a process of its own, with the settings of the server in its environment: it loads the nation, signs an
administrator of each rank in, measures the query alone and looks at its plan. `measured` asks a real server for the same pages.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from pathlib import Path as File
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bench import nation
from bench.client import Request, load
from bench.machine import cpu_ms
from bench.nation import Nation, Place
from bench.plans import Statement, read_whole, recorded
from bench.server import Server, new_environment
from bench.world import headers
from lms import settings
from lms.access.domain import roles
from lms.accounts import queries
from lms.accounts.models import PersonRow
from lms.accounts.queries import Sought
from lms.accounts.staff_views.people_shown import Asked, hide
from lms.app import create_app
from lms.infra import db, schema
from lms.infra.db import reading
from lms.kernel import clock
from lms.organisations import queries as organisations
from tests.factories.people import make_person

RANKS = ("national", "province", "city", "county", "unit")
TABLES = {"person", "unit", "account", "membership"}
PAGE = 50
TIMES = 40
P95_MS = 150
RATIO = 3


@dataclass(frozen=True)
class Case:
    """One way to ask for the list; `after` and `before` name the person where the other page ended."""

    name: str
    sought: Sought
    after: UUID | None = None
    before: UUID | None = None


@dataclass(frozen=True)
class Prepared:
    """What the query alone took, and where the page is asked for."""

    case: str
    rank: str
    found: int
    query_p50_ms: float
    query_p95_ms: float
    statements: int
    read_whole: list[str]
    path: str
    headers: dict[str, str]


def cases(place: Place, mobile: str) -> Iterator[Case]:
    """The ways to ask for the people of a place."""
    all_of_it = Sought((place.path,))
    yield Case("first page", all_of_it)
    with reading() as session:
        first = queries.people_in(session, all_of_it, limit=1)[0]
        at = _deep(session, place)
    yield Case("deep page", all_of_it, after=at)
    yield Case("deep page backwards", all_of_it, before=at)
    for name, limited in {
        "family name": {"text": "王"},
        "full name": {"text": first.name},
        "pinyin": {"text": "zhangw"},
        "initials": {"text": "zw"},
        "pinyin of nobody": {"text": "zzz"},
        "mobile": {"mobile": mobile},
        "username": {"username": first.username},
        "category": {"category": "division"},
        "employment": {"employment": "seconded"},
        "identity level": {"identity_level": "id_number"},
        "unconfirmed": {"unconfirmed": True},
        "disabled": {"state": "disabled"},
        "closed": {"state": "closed"},
        "merged": {"state": "merged"},
        "all filters": {
            "category": "division",
            "employment": "seconded",
            "identity_level": "id_number",
            "state": "disabled",
        },
    }.items():
        yield Case(name, replace(all_of_it, **limited))


def _deep(session: Session, place: Place) -> UUID:
    """The person at nine tenths of the list."""
    there = (
        PersonRow.unit_path >= place.path,
        PersonRow.unit_path < f"{place.path[:-1]}0",
        PersonRow.merged_into.is_(None),
    )
    count = session.execute(select(func.count()).where(*there)).scalar_one()
    ordered = select(PersonRow.id).where(*there).order_by(PersonRow.name_key, PersonRow.id)
    return session.execute(ordered.offset(count * 9 // 10).limit(1)).scalar_one()


def prepared(people: int, units: int) -> Iterator[dict[str, Any]]:
    """Loads the nation and measures the query; one line for the load, then one for each case."""
    app = create_app(settings.from_environment())
    schema.upgrade()
    now, began = clock.now(), time.perf_counter()
    with psycopg.connect(os.environ["LMS_DATABASE_URL"].replace("+psycopg", ""), autocommit=True) as connection:
        loaded = nation.load(connection, people=people, units=units, now=now)
    yield {"bench": "people loaded", "people": people, "units": units, "seconds": round(time.perf_counter() - began, 1)}
    for rank in RANKS:
        place = loaded.places[rank]
        with reading() as session:
            unit = organisations.unit(session, place.id)
        sent = headers(app, make_person(unit, grants={roles.UNIT_ADMIN: unit}, now=now).person_id, now)
        for case in cases(place, _mobile(loaded, place)):
            yield asdict(_query(app, rank, case, sent))


def _mobile(loaded: Nation, place: Place) -> str:
    """The number of somebody there, if there is one among those kept."""
    with reading() as session:
        for mobile in loaded.mobiles:
            if queries.people_page(session, Sought((place.path,), mobile=mobile)).people:
                return mobile
    return loaded.mobiles[0]


def _query(app: Flask, rank: str, case: Case, sent: dict[str, str]) -> Prepared:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with reading() as session:
            page = queries.people_page(session, case.sought, after=case.after, before=case.before, limit=PAGE)
        times.append((time.perf_counter() - began) * 1000)
    path = _address(app, case, sent)
    client = app.test_client(use_cookies=False)
    with recorded() as statements:
        answer = client.get(path, headers=sent, base_url="http://127.0.0.1")
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code} {answer.headers}")
    engine: Engine = db.engine()
    with engine.connect() as connection:
        whole = read_whole(connection, statements) & TABLES
    p50, p95 = _percentiles(times)
    return Prepared(case.name, rank, len(page.people), p50, p95, len(_queries(statements)), sorted(whole), path, sent)


def _queries(statements: list[Statement]) -> list[Statement]:
    """Those that read; once a minute a page also writes down that its reader is still there."""
    return [one for one in statements if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]


def _address(app: Flask, case: Case, sent: dict[str, str]) -> str:
    one = case.sought
    with app.test_request_context(headers=sent):  # a search is sealed for whoever asks it
        sealed = hide(Asked(one.text, one.username, one.mobile)) if one.text or one.username or one.mobile else None
    arguments = {
        "f": sealed,
        "category": one.category,
        "employment": one.employment,
        "identity_level": one.identity_level,
        "state": one.state,
        "unconfirmed": "1" if one.unconfirmed else "",
        "after": case.after,
        "before": case.before,
    }
    return "/staff/people?" + "&".join(f"{name}={value}" for name, value in arguments.items() if value)


def _percentiles(times: list[float]) -> tuple[float, float]:
    return round(statistics.median(times), 1), round(sorted(times)[int(len(times) * 0.95)], 1)


def measured(url: str, home: File, *, people: int, units: int) -> Iterator[dict[str, Any]]:
    """Prepares the nation and asks a server for each page; one line for each case, and one for nation against leaf."""
    environment = new_environment(str(home), url)
    command = [sys.executable, "-m", "bench.people", str(people), str(units)]
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as child:
        lines = [json.loads(line) for line in child.stdout or () if line.startswith("{")]
    if child.returncode:
        raise SystemExit(child.returncode)
    loaded, *found = lines
    found.sort(
        key=lambda line: str(line["case"])
    )  # nation and leaf one after the other, while the machine is equally busy
    yield loaded
    pages: dict[tuple[str, str], float] = {}
    with Server("lms.wsgi:application", environment, home / "server.log", workers=1, threads=2) as server:
        for line in found:
            one = Prepared(**line)
            request = Request("GET", one.path, headers={"Cookie": one.headers["Cookie"]})
            backends = _backends(url)
            before = server.cpu_ms(), cpu_ms(backends)
            run = load(server.port, lambda _, request=request: repeat(request, TIMES), connections=1, seconds=60)
            web, stored = server.cpu_ms() - before[0], cpu_ms(backends) - before[1]
            p50, p95 = _percentiles(list(run.times_ms))
            pages[one.case, one.rank] = p95
            yield {
                "bench": "people",
                "case": one.case,
                "of": one.rank,
                "found": one.found,
                "page_p50_ms": p50,
                "page_p95_ms": p95,
                "cpu_ms": round(web / run.answered, 1),
                "database_cpu_ms": round(stored / run.answered, 1),
                "query_p50_ms": one.query_p50_ms,
                "query_p95_ms": one.query_p95_ms,
                "statements": one.statements,
                "read_whole": one.read_whole,
                "goal_p95_ms": P95_MS,
                "met": p95 <= P95_MS and not one.read_whole,
            }
    full = pages[
        "first page", "unit"
    ]  # a leaf that finds fewer people prints a shorter page: what counts is the search
    rows = {(line["case"], line["rank"]): line["found"] for line in found}
    for case in dict.fromkeys(case for case, _ in pages):
        alike = rows[case, "national"] == rows[case, "unit"]
        leaf = pages[case, "unit"] if alike else max(full, pages[case, "unit"])
        ratio = round(pages[case, "national"] / leaf, 2)
        yield {"bench": "people, nation of leaf", "case": case, "ratio": ratio, "met": ratio <= RATIO}


def _backends(url: str) -> list[int]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
    return [row[0] for row in rows]


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("people", type=int)
    ask.add_argument("units", type=int)
    told = ask.parse_args()
    for one_line in prepared(told.people, told.units):
        print(json.dumps(one_line), flush=True)
