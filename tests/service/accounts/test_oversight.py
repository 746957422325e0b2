"""Disclosures are kept and never changed, an incident names whom an account reached, and a copy holds all of one person."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.accounts.models import DisclosureRow
from lms.accounts.queries import oversight
from lms.accounts.service import disclosures, exporting, id_numbers, incidents
from lms.cli import doctor
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.qualification import add_qualification, give_number, id_number_of
from tests.service.cli.conftest import Command, lms

__all__ = ["lms"]

DAY = timedelta(days=1)
NUMBER = id_number_of(1)


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def disclose(land: Land, actor_id: UUID, persons: int = 3, *, at: datetime = NOW) -> UUID:
    return disclosures.record("省人社厅", "年度统计", ["name", "unit"], persons, land.province.path, actor_id, at)


def test_a_disclosure_is_listed_in_its_scope_and_never_changed(land: Land) -> None:
    admin = make_admin(land.province, "省管理员")
    first, second = disclose(land, admin.person_id), disclose(land, admin.person_id, 0, at=NOW + DAY)
    with reading() as session:
        listed = oversight.disclosures(session, (land.national.path,), limit=5)
        assert [one.id for one in listed] == [second, first]
        assert oversight.disclosures(session, (land.national.path,), after=second, limit=5)[0].id == first
        assert oversight.disclosures(session, (land.other_province.path,), limit=5) == ()
    one = listed[1]
    assert (one.actor_name, one.receiver, one.fields, one.persons, one.unit_name) == (
        "省管理员", "省人社厅", ("name", "unit"), 3, "浙江省总工会",
    )  # fmt: skip
    for change in (lambda query: query.update({"persons": 0}), lambda query: query.delete()):
        with pytest.raises(Exception, match="append-only"), unit_of_work() as session:
            change(session.query(DisclosureRow))


def test_a_disclosure_names_receiver_purpose_and_known_fields(land: Land) -> None:
    actor_id = make_person(land.unit).person_id
    with pytest.raises(ValueError, match="field register"):
        disclosures.record("厅", "统计", ["shoe_size"], 1, land.province.path, actor_id, NOW)
    with pytest.raises(Invalid) as caught:
        disclosures.record(" ", "", ["name"], 1, land.province.path, actor_id, NOW)
    assert set(caught.value.fields) == {"receiver", "purpose"}


@pytest.mark.parametrize(("receiver", "purpose"), [("省人社厅", f"核对 {NUMBER}"), (f"张三 {NUMBER}", "年度统计")])
def test_a_disclosure_names_no_number(land: Land, receiver: str, purpose: str) -> None:
    actor_id = make_person(land.unit).person_id
    with pytest.raises(Invalid):
        disclosures.record(receiver, purpose, ["name"], 1, land.province.path, actor_id, NOW)


def test_an_incident_names_persons_and_kinds(land: Land, lms: Command) -> None:
    admin = make_admin(land.province)
    seen, compared, untouched = (make_person(land.unit, name).person_id for name in ("被看", "被核", "无关"))
    for serial, one in enumerate((seen, compared, untouched), start=1):
        give_number(one, id_number_of(serial))
    by = at_work(admin, land.province)
    id_numbers.reveal(seen, purpose="file", reason="核对", by=by, now=NOW)
    id_numbers.compare(compared, id_number_of(2), by=by, now=NOW)
    id_numbers.reveal(untouched, purpose="file", reason="后来", by=by, now=NOW + 2 * DAY)
    disclose(land, admin.person_id)

    def look(scopes: tuple[str, ...] | None = None) -> oversight.Incident:
        return incidents.look(
            admin.username, since=NOW, until=NOW + DAY, limit=9, actor_id=None, scopes=scopes, now=NOW + 3 * DAY
        )

    found = look()
    assert {one.person_id for one in found.persons} == {seen, compared} and found.count == 2
    assert found.reveals == 1 and [one.persons for one in found.disclosures] == [3]
    assert "person.id_number.revealed" in {one.action for one in found.acts}
    assert look((land.province.path,)).count == 2
    with pytest.raises(Invalid) as caught:
        look((land.other_province.path,))
    assert list(caught.value.fields) == ["username"]
    told = lms("incident", "--account", admin.username, "--from", "2026-11-20", "--to", "2026-11-21")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.output)
    assert {one["name"] for one in answer["people"]} == {"被看", "被核"} and NUMBER not in told.output
    assert lms("incident", "--account", "nobody", "--from", "2026-11-20", "--to", "2026-11-21").exit_code == 1
    backwards = lms("incident", "--account", admin.username, "--from", "2026-11-21", "--to", "2026-11-20")
    assert backwards.exit_code == 1


def test_a_copy_holds_everything_of_one_person_and_nothing_of_another(land: Land) -> None:
    person_id = make_person(land.unit, "张三").person_id
    other_id = make_person(land.unit, "李四").person_id
    add_qualification(land.unit, person_id, other_id)
    give_number(person_id, NUMBER)
    give_number(other_id, id_number_of(2))
    copy = exporting.copy_of(person_id, with_id_number=False, now=NOW)
    document = json.loads(copy)
    assert set(document) == {
        "format", "made_at", "person", "account", "memberships", "consents", "corrections", "id_number_seen",
        "roles", "enrolments", "learning", "exams", "hours", "certificates", "classrooms", "hours_disputes",
        "joined_accounts", "notices", "training_elsewhere", "practice", "hours_waiting", "accommodations",
    }  # fmt: skip
    assert document["person"]["name"] == "张三" and document["person"]["mobile"] == "13800000000"
    assert NUMBER not in copy.decode() and "李四" not in copy.decode() and "argon2" not in copy.decode()
    assert document["enrolments"][0]["class"] == "工会主席上岗培训班"
    assert document["person"]["id_number_given"] is True
    uncompared = exporting.copy_of(person_id, with_id_number=True, now=NOW).decode()
    assert NUMBER not in uncompared, "before it was compared it looks like one that was not kept"
    assert id_numbers.compare(person_id, NUMBER, by=at_work(make_admin(land.province), land.province), now=NOW)
    whole = exporting.copy_of(person_id, with_id_number=True, now=NOW).decode()
    assert NUMBER in whole and id_number_of(2) not in whole


def test_copies_are_limited(land: Land) -> None:
    person_id = make_person(land.unit).person_id
    for _ in range(exporting.COPIES_AN_HOUR):
        exporting.copy_of(person_id, with_id_number=False, now=NOW)
    with pytest.raises(TooMany):
        exporting.copy_of(person_id, with_id_number=False, now=NOW)


def test_the_doctor_counts_people_and_warns(land: Land, lms: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(land.unit)
    checks = {one["name"]: one for one in json.loads(lms("doctor", "--json").output)["checks"]}
    assert checks["persons"]["ok"] and checks["persons"]["detail"] == "1 persons"
    monkeypatch.setattr(doctor.oversight, "PERSONS_TO_WARN_AT", 1)
    checks = {one["name"]: one for one in json.loads(lms("doctor", "--json").output)["checks"]}
    assert not checks["persons"]["ok"] and "条例" in checks["persons"]["mend"]


def test_a_disclosure_at_a_path_that_its_unit_just_left_stays_with_the_unions_of_that_path(land: Land) -> None:
    admin, path = make_admin(land.province, "省管理员"), land.unit.path
    units.move(land.unit.id, land.other_province.id, units.Act(None, "划转", NOW, reach=EVERYWHERE))
    disclosures.record("省人社厅", "年度统计", ["name"], 3, path, admin.person_id, NOW)
    with reading() as session:
        places = (land.national, land.province, land.other_province)
        assert [len(oversight.disclosures(session, (one.path,), limit=5)) for one in places] == [1, 1, 0]
