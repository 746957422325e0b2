"""Two clicks on one button add one person."""

import threading

from flask import Flask
from sqlalchemy import func, select

from lms.accounts.models import PersonRow
from lms.accounts.service import people
from lms.infra.db import reading
from tests.factories.cadres import NOW, at_work, make_admin, make_facts
from tests.factories.people import make_land


def test_two_clicks_add_one_person(clean: Flask) -> None:
    land = make_land()
    by = at_work(make_admin(land.province), land.province)
    barrier, said = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        try:
            people.create(people.NewPerson(make_facts("王建国"), land.unit.id, ""), by=by, now=NOW)
            said.append("added")
        except people.KnownAlready:
            said.append("known")

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["added", "known", "known", "known"]
    with reading() as session:
        assert session.execute(select(func.count()).where(PersonRow.name == "王建国")).scalar_one() == 1
