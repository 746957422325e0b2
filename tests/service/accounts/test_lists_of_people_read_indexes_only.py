"""In a nation of twenty thousand a page of people takes the same statements at every rank and reads no table from end to end."""

import psycopg
import pytest
from flask import Flask

from bench import nation
from bench.nation import Nation
from bench.people import PAGE, RANKS, TABLES, Case, cases
from bench.plans import read_whole, recorded
from lms.accounts import queries
from lms.infra import db
from lms.infra.db import reading
from tests.factories.people import NOW


@pytest.fixture
def peopled(clean: Flask) -> Nation:
    if db.dialect() != "postgresql":
        pytest.skip("PostgreSQL only")
    address = db.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        return nation.load(connection, people=20_000, units=2_000, now=NOW)


def test_every_list_of_people_is_served_by_indexes(peopled: Nation) -> None:
    taken: dict[str, set[int]] = {}
    whole: dict[tuple[str, str], set[str]] = {}
    for rank in RANKS:
        for case in cases(peopled.places[rank], peopled.mobiles[0]):
            with recorded() as statements:
                ask(case)
            taken.setdefault(case.name, set()).add(len(statements))
            with db.engine().connect() as connection:
                whole[case.name, rank] = read_whole(connection, statements) & TABLES
    assert {case: counts for case, counts in taken.items() if counts != {2 if "deep" in case else 1}} == {}
    assert {where: tables for where, tables in whole.items() if tables} == {}


def ask(case: Case) -> None:
    with reading() as session:
        queries.people_page(session, case.sought, after=case.after, before=case.before, limit=PAGE)
