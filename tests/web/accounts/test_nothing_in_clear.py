"""After people gave, changed and took back their data, no planted number or password stands in clear where it must not."""

import json
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text

from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.service import disclosures
from lms.infra import db
from lms.kernel import clock
from lms.settings import Settings
from tests.factories.cadres import make_admin
from tests.factories.people import PASSWORD, Land, make_land, make_person, post, signed_in
from tests.factories.qualification import add_qualification, id_number_of

NUMBERS = [id_number_of(serial) for serial in range(100, 104)]
MOBILE, MAIL = "13977776666", "zhi.ming@example.org"
PLANTED = [*NUMBERS, MOBILE, MAIL, PASSWORD]


def database_text(settings: Settings) -> str:
    """Everything the database holds, and on SQLite the bytes of its files too."""
    engine = db.engine()
    with engine.connect() as connection:
        rows = [
            repr(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in inspect(engine).get_table_names()
        ]
    if engine.dialect.name == "sqlite":
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        rows += [one.read_bytes().decode("latin-1") for one in path.parent.glob(f"{path.name}*")]
    return "\n".join(rows)


class Browser:
    """A browser that keeps every answer and every address it was sent to."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.seen: list[str] = []

    def get(self, path: str) -> str:
        return self._note(self.client.get(path))

    def post(self, path: str, **fields: Any) -> str:
        return self._note(post(self.client, path, fields))

    def _note(self, answer: Any) -> str:
        self.seen.append(answer.text + repr(answer.headers))
        return str(answer.text)


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def test_planted_values_stay_where_they_belong(clean: Flask, land: Land, settings: Settings) -> None:
    learner, other = make_person(land.unit, "张三"), make_person(land.unit, "李四")
    add_qualification(land.unit, learner.person_id, other.person_id)
    admin = make_admin(land.province)
    mine, theirs, staff = (Browser(signed_in(clean, one)) for one in (learner, other, admin))
    given = {"accepted": "y", "version": CURRENT[ID_NUMBER]}
    with structlog.testing.capture_logs() as logs:
        mine.post("/me/id-number", id_number=NUMBERS[0], **given)
        theirs.post("/me/id-number", id_number=NUMBERS[0], **given)
        theirs.post("/me/id-number", id_number=NUMBERS[1][:-1] + "?", **given)
        theirs.post("/me/id-number", id_number=NUMBERS[1], **given)
        contact = {"post": "主席", "category": "other", "employment": "full_time", "appointed_on": "2024-01-01"}
        mine.post("/me/data/contact", mobile=MOBILE, mail=MAIL, password=PASSWORD, **contact)
        mine.post("/me/data/contact", mobile=MOBILE + "9", password=PASSWORD, **contact)
        page = f"/staff/people/{learner.person_id}/id-number"
        staff.post(f"{page}/comparison", id_number=NUMBERS[3])
        staff.post(f"{page}/comparison", id_number=NUMBERS[0])
        mine.post("/me/data/correction?field=id_number", value=NUMBERS[2], reason="输错")
        mine.post("/me/data/correction?field=id_number", value=NUMBERS[3], reason="再次输错")
        for path in ("/me/data", "/me/id-number", "/me/closing", "/privacy"):
            mine.get(path)
        mine.post("/me/data/copy", with_id_number="y", password=PASSWORD + "x")
        copy = mine.post("/me/data/copy")
        shown = staff.post(f"{page}/reveal", purpose="file", reason="与档案核对")
        for path in ("/staff/id-numbers", "/staff/corrections", "/staff/disclosures", "/staff/field-register", page):
            staff.get(path)
        disclosures.record("厅", "统计", ["mobile"], 1, land.unit.path, admin.person_id, clock.now())
        theirs.post("/me/id-number/withdrawal")
        theirs.post("/me/closing", password=PASSWORD, understood="y")
    assert shown.count(NUMBERS[0]) == 1, "the one cell that is meant"
    assert json.loads(copy)["person"]["mobile"] == MOBILE, "one's own copy"
    staff.seen = [one for one in staff.seen if "完整身份证号</h2>" not in one]
    mine.seen = [one for one in mine.seen if "my-data.json" not in one]
    places = {
        "database": database_text(settings),
        "logs": repr(logs),
        "staff": "\n".join(staff.seen),
        "other": "\n".join(theirs.seen),
        "home": "\n".join(
            one.read_bytes().decode("latin-1") for one in Path(settings.home).rglob("*") if one.is_file()
        ),
    }
    found = [(place, planted) for place, content in places.items() for planted in PLANTED if planted in content]
    assert found == []
    own = "\n".join(mine.seen)
    assert [one for one in NUMBERS if one in own] == [], "not even on one's own pages"
    assert PASSWORD not in own
