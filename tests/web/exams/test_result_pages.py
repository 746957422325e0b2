"""Pages of results and items: scoped, of a fixed number of statements, readable without seeing the chart."""

import io
import re
from collections.abc import Callable

import openpyxl
import pytest

from lms.access.domain import roles
from lms.exams import service
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person
from tests.service.exams.test_regrading import LATER, sit
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


@pytest.fixture
def desk(hall: Hall, take_seat: TakeSeat) -> Seat:
    grants = {roles.CLASS_TUTOR: hall.land.national}
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


def test_items_are_shown_and_exported(hall: Hall, desk: Seat) -> None:
    sit(hall, make_candidate(hall), 20)
    count_figures(hall)
    path = f"/staff/exams/{hall.exam_id}/item-figures"
    assert "区分度" in desk.get(path).text
    sheet = openpyxl.load_workbook(io.BytesIO(desk.get(f"{path}?format=xlsx").data)).active
    assert sheet.max_row >= 31
    assert "试题编号" in desk.get(f"{path}?format=csv").data.decode("utf-8-sig")


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
