"""Pages of results and items: scoped, of a fixed number of statements, readable without seeing the chart."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select, update

from lms.access.domain import roles
from lms.accounts.service import memberships
from lms.audit.models import AuditEntryRow
from lms.classes.models import TrainingClassRow
from lms.exams import service
from lms.exams.queries import Reach
from lms.exams.staff_views import results
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.cadres import at_work, make_admin
from tests.factories.exams import NOW, Hall, make_candidate, own_banks
from tests.factories.people import make_person
from tests.service.exams.test_regrading import LATER, sit
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


@pytest.fixture
def desk(hall: Hall, take_seat: TakeSeat) -> Seat:
    grants = dict.fromkeys((roles.CLASS_TUTOR, roles.CLASS_MANAGER), hall.land.national)
    return take_seat(make_person(hall.land.national, "班主任", grants=grants, now=NOW))


def count_figures(hall: Hall) -> None:
    service.count_figures(hall.exam_id, until=LATER, now=NOW)


def test_results_tell_figures_units_and_people(hall: Hall, desk: Seat) -> None:
    path = f"/staff/exams/{hall.exam_id}/results"
    assert "还没有统计结果" in desk.get(path).text
    sit(hall, make_candidate(hall, "安乐"), 20)
    count_figures(hall)
    assert path in desk.get("/staff/results").text
    page = desk.get(path).text
    for text in ("安乐", "浙江省总工会", "80 / 100", "成绩分布", "<svg", "80%–90%"):
        assert text in page
    assert "安乐" in desk.get(f"{path}?unit={hall.land.province.id}").text
    assert "安乐" not in desk.get(f"{path}?unit={hall.land.other_province.id}").text
    for bad in ("unit=x", "after=x", "unit=00000000-0000-7000-8000-00000000abcd"):
        assert desk.get(f"{path}?{bad}").status_code == 404


def test_items_are_shown_and_exported_with_a_trace(hall: Hall, desk: Seat) -> None:
    own_banks(hall)
    sit(hall, make_candidate(hall), 20)
    count_figures(hall)
    path = f"/staff/exams/{hall.exam_id}/item-figures"
    assert "区分度" in desk.get(path).text
    sheet = openpyxl.load_workbook(io.BytesIO(desk.post(f"{path}/export", {"format": "xlsx"}).data)).active
    assert sheet.max_row >= 31
    assert "试题编号" in desk.post(f"{path}/export", {"format": "csv"}).data.decode("utf-8-sig")
    assert desk.post(f"{path}/export", {"format": "pdf"}).status_code == 404
    with reading() as session:
        kept = session.execute(
            select(AuditEntryRow.details).where(AuditEntryRow.action == "exam.item_figures_exported")
        ).scalars()
        assert sorted((one["format"], one["items"] >= 30) for one in kept) == [("csv", True), ("xlsx", True)]


def test_keys_of_banks_out_of_sight_wait_until_the_exam_is_over(hall: Hall, take_seat: TakeSeat) -> None:
    """A tutor of the class whose banks are another province's: figures of items show what is right, so they wait."""
    own_banks(hall, hall.land.other_province)
    sit(hall, make_candidate(hall), 20)
    count_figures(hall)
    unit_id = hall.land.province.id
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=unit_id))
    tutor = make_person(hall.land.unit, "班主任", grants={roles.CLASS_TUTOR: hall.land.province}, now=NOW)
    seat, path = take_seat(tutor), f"/staff/exams/{hall.exam_id}/item-figures"
    admin = take_seat(make_person(hall.land.national, "全国", grants={roles.UNIT_ADMIN: hall.land.national}, now=NOW))
    assert admin.get(path).status_code == 403, "who administers units previews no items"
    early = seat.get(path), seat.post(f"{path}/export", {"format": "csv"})
    assert [one.status_code for one in early] == [403, 403] and "考试还没有结束" in early[0].text
    assert "（正确）" not in early[0].text
    with unit_of_work() as session:
        days = {"starts_on": NOW.date() - timedelta(days=40), "ends_on": NOW.date() - timedelta(days=30)}
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(days))
    assert seat.get(path).status_code == 200
    assert seat.post(f"{path}/export", {"format": "csv"}).status_code == 200


def test_who_reaches_only_a_unit_sees_its_people_and_no_items(hall: Hall, take_seat: TakeSeat) -> None:
    sit(hall, make_candidate(hall, "安乐"), 20)
    count_figures(hall)
    inside = take_seat(make_person(hall.land.unit, "省管", grants={roles.UNIT_ADMIN: hall.land.province}, now=NOW))
    outside = take_seat(
        make_person(hall.land.unit, "外省", grants={roles.UNIT_ADMIN: hall.land.other_province}, now=NOW)
    )
    learner = take_seat(make_candidate(hall, "学员"))
    path = f"/staff/exams/{hall.exam_id}"
    assert "安乐" in inside.get(f"{path}/results").text
    assert inside.get(f"{path}/results?unit={hall.land.other_province.id}").status_code == 404
    assert inside.get(f"{path}/results?unit={hall.land.national.id}").status_code == 404
    assert inside.get(f"{path}/item-figures").status_code == 404
    for seat, status in ((outside, 404), (learner, 403)):
        assert seat.get(f"{path}/results").status_code == status
        assert seat.get(f"{path}/item-figures").status_code == status
    assert path not in outside.get("/staff/results").text


def test_the_pages_take_a_fixed_number_of_statements(hall: Hall, desk: Seat, statements: Callable) -> None:
    own_banks(hall)
    paths = [f"/staff/exams/{hall.exam_id}/{one}" for one in ("results", "item-figures")] + ["/staff/results"]

    def count() -> list[int]:
        found = []
        for path in paths:
            with statements() as seen:
                assert desk.get(path).status_code == 200
            found.append(len([one for one in seen if not re.match("BEGIN|PRAGMA", one)]))
        return found

    sit(hall, make_candidate(hall, "甲"), 20)
    count_figures(hall)
    few = count()
    for name in "乙丙丁":
        sit(hall, make_candidate(hall, name), 20)
    count_figures(hall)
    assert count() == few


def test_who_holds_a_class_asks_for_no_units_but_those_in_reach_and_those_of_who_sat_its_exam(
    hall: Hall, take_seat: TakeSeat
) -> None:
    land, address = hall.land, f"/staff/exams/{hall.exam_id}/results"
    with unit_of_work() as session:
        session.execute(
            update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=land.unit.id)
        )
    sit(hall, make_candidate(hall, "安乐"), 20)
    count_figures(hall)
    gone = units.add_unit(parent_id=land.other_province.id, name="已撤销的工会", kind="unit", reach=EVERYWHERE, now=NOW)
    units.close(gone.id, units.Act(None, "撤销", NOW, EVERYWHERE, NOW.date()))
    seat = take_seat(make_person(land.unit, "班主任", grants={roles.CLASS_TUTOR: land.unit}, now=NOW))
    asked = (land.unit.id, land.province.id, land.other_unit.id, gone.id, UUID(int=1))
    assert [seat.get(f"{address}?unit={one}").status_code for one in asked] == [200, 200, 404, 404, 404]


@pytest.mark.parametrize("moved", [False, True])
def test_who_reads_results_in_two_subtrees_sees_those_of_both(hall: Hall, take_seat: TakeSeat, moved: bool) -> None:
    land, address = hall.land, f"/staff/exams/{hall.exam_id}/results"
    person = make_candidate(hall, "安乐")
    sit(hall, person, 20)
    count_figures(hall)
    if moved:
        by = at_work(make_admin(land.national), land.national)
        memberships.move(person.person_id, land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
        service.count_figures(hall.exam_id, until=LATER, now=LATER)
    grants = {roles.CLASS_TUTOR: land.province, roles.UNIT_ADMIN: land.other_province}
    page = take_seat(make_person(land.unit, "两地", grants=grants, now=NOW)).get(address).text
    there = land.other_province if moved else land.province
    assert "安乐" in page and "管辖的单位" in page
    assert f"?unit={there.id}" in page and "还没有统计结果" not in page


def test_who_reads_one_unit_that_moves_as_they_ask_reads_no_figures_of_everybody(
    hall: Hall, take_seat: TakeSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(hall, make_candidate(hall, "安乐"), 20)
    count_figures(hall)
    reader = take_seat(make_person(hall.land.unit, "管理员", grants={roles.UNIT_ADMIN: hall.land.unit}, now=NOW))
    address = f"/staff/exams/{hall.exam_id}/results"
    assert reader.get(address).status_code == 200
    real: Callable[..., Reach] = results.queries.result_reach

    def moved_just_then(*arguments: object) -> Reach:
        return replace(real(*arguments), scopes=("/gone/",))

    monkeypatch.setattr(results.queries, "result_reach", moved_just_then)
    assert reader.get(address).status_code == 404
