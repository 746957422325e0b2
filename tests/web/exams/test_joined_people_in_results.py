"""Whose account was joined into one of another union is no longer in the results that the old union sees."""

from collections.abc import Callable
from datetime import timedelta

from lms.access.domain import roles
from lms.exams import service
from lms.kernel.principal import Principal
from tests.factories.cadres import at_work, make_admin
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.joining import join_by_two
from tests.factories.people import make_person
from tests.service.exams.test_regrading import LATER, sit
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


def test_the_old_union_sees_no_result_of_who_was_joined_to_another_union(hall: Hall, take_seat: TakeSeat) -> None:
    sit(hall, gone := make_candidate(hall, "安乐"), 20)
    sit(hall, make_candidate(hall, "留下的人"), 10)
    service.count_figures(hall.exam_id, until=LATER, now=NOW)
    kept = make_person(hall.land.other_unit, "安乐", now=NOW)
    old = take_seat(make_person(hall.land.unit, "旧省", grants={roles.UNIT_ADMIN: hall.land.province}, now=NOW))
    path = f"/staff/exams/{hall.exam_id}/results"
    assert "安乐" in old.get(path).text and "80 / 100" in old.get(path).text
    by = at_work(make_admin(hall.land.national), hall.land.national)
    join_by_two(kept.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    assert service.queue_figures(now=LATER + timedelta(days=30)) == 1, "the exam waits to be counted anew"
    page = old.get(path).text
    assert "留下的人" in page
    assert "安乐" not in page and "80 / 100" not in page
