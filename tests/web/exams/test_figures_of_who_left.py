"""Figures of an exam are told to the unions where those who sat it work today."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from lms.access.domain import roles
from lms.accounts.service import memberships
from lms.exams import service
from lms.exams.service.analysis import UNDER_WAY
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from lms.organisations.queries import Unit
from tests.factories.cadres import at_work, make_admin
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.joining import join_by_two
from tests.factories.people import make_person
from tests.factories.together import overtaking
from tests.service.exams.test_regrading import LATER, sit
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


@pytest.fixture
def one(hall: Hall) -> Principal:
    """The only one who sat the exam; the figures were made."""
    person = make_candidate(hall, "安乐")
    sit(hall, person, 20)
    service.count_figures(hall.exam_id, until=LATER, now=NOW)
    return person


def admin(at: Unit, over: Unit) -> Principal:
    """Somebody who became administrator there afterwards, and never reached the person."""
    return make_person(at, "管理员", grants={roles.UNIT_ADMIN: over}, now=NOW)


def told(seat: Seat, exam_id: UUID) -> tuple[bool, int, bool]:
    """Whether the list names the exam, the status of its results, whether they tell of anybody."""
    page = seat.get(f"/staff/exams/{exam_id}/results")
    return (
        f"/staff/exams/{exam_id}/results" in seat.get("/staff/results").text,
        page.status_code,
        "参加考试" in page.text,
    )


def moves(hall: Hall, person: Principal) -> None:
    by = at_work(make_admin(hall.land.national), hall.land.national)
    memberships.move(person.person_id, hall.land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)


def counted_again(hall: Hall) -> None:
    assert service.queue_figures(now=LATER) == 1
    service.count_figures(hall.exam_id, until=LATER, now=LATER)


def test_a_person_takes_their_result_along(hall: Hall, take_seat: TakeSeat, one: Principal) -> None:
    old = take_seat(admin(hall.land.unit, hall.land.province))
    new = take_seat(admin(hall.land.other_unit, hall.land.other_province))
    assert (told(old, hall.exam_id), told(new, hall.exam_id)) == ((True, 200, True), (False, 404, False))
    moves(hall, one)
    assert told(old, hall.exam_id) == (False, 404, False), "at once"
    counted_again(hall)
    assert (told(old, hall.exam_id), told(new, hall.exam_id)) == ((False, 404, False), (True, 200, True))


def test_of_several_the_others_are_counted_without_them(hall: Hall, take_seat: TakeSeat, one: Principal) -> None:
    sit(hall, make_candidate(hall, "常在"), 10)
    service.count_figures(hall.exam_id, until=LATER, now=NOW)
    old = take_seat(admin(hall.land.unit, hall.land.province))
    moves(hall, one)
    assert told(old, hall.exam_id) == (True, 200, False), "no figure of before, from which theirs could be told"
    counted_again(hall)
    page = old.get(f"/staff/exams/{hall.exam_id}/results").text
    assert told(old, hall.exam_id) == (True, 200, True)
    assert "1 人" in page and "2 人" not in page


def test_a_unit_takes_its_results_along(hall: Hall, take_seat: TakeSeat, one: Principal) -> None:
    act = units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
    units.move(hall.land.unit.id, hall.land.other_province.id, act)
    old = take_seat(admin(hall.land.province, hall.land.province))
    assert told(old, hall.exam_id) == (False, 404, False)
    counted_again(hall)
    new = take_seat(admin(hall.land.other_province, hall.land.other_province))
    assert (told(old, hall.exam_id), told(new, hall.exam_id)) == ((False, 404, False), (True, 200, True))


def test_who_turned_out_to_be_somebody_elsewhere_is_counted_there(
    hall: Hall, take_seat: TakeSeat, one: Principal
) -> None:
    kept = make_person(hall.land.other_unit, "安乐", now=NOW)
    by = at_work(make_admin(hall.land.national), hall.land.national)
    join_by_two(kept.person_id, one.person_id, by=by, reason="同一人", now=NOW)
    old = take_seat(admin(hall.land.unit, hall.land.province))
    assert told(old, hall.exam_id) == (False, 404, False)
    counted_again(hall)
    new = take_seat(admin(hall.land.other_unit, hall.land.other_province))
    assert (told(old, hall.exam_id), told(new, hall.exam_id)) == ((False, 404, False), (True, 200, True))


def test_who_moves_while_the_figures_are_made_is_counted_again(
    hall: Hall, one: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = service.analysis.queries.items

    def late(*arguments: object) -> object:
        moves(hall, one)
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(service.analysis.queries, "items", late)
        service.count_figures(hall.exam_id, until=LATER, now=NOW)
    counted_again(hall)
    with reading() as session:
        assert service.analysis.queries.unit_figures(session, hall.exam_id, hall.land.other_unit.path) is not None


def test_exams_with_new_scores_are_counted_before_those_that_wait_to_be_counted_anew(
    hall: Hall, one: Principal
) -> None:
    moves(hall, one)
    other = make_hall()
    sit(other, make_candidate(other, "新考"), 20, now=LATER)
    until = LATER + timedelta(hours=1)
    with reading() as session:
        for many in (1, 2):
            found = service.analysis.queries.to_count(session, until=until, under_way=UNDER_WAY, limit=many)
            assert found == (other.exam_id, hall.exam_id)[:many]


@pytest.mark.postgres
def test_who_is_moving_when_an_exam_is_first_counted_is_not_overlooked(hall: Hall) -> None:
    person = make_candidate(hall, "安乐")
    sit(hall, person, 20)
    by = at_work(make_admin(hall.land.national), hall.land.national)
    there = hall.land.other_unit.id
    goes = partial(memberships.move, person.person_id, there, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    # It does not see who is still moving: they say so when they have.
    assert overtaking(goes, partial(service.count_figures, hall.exam_id, until=LATER, now=NOW)) is None
    assert service.queue_figures(now=LATER) == 1


@pytest.mark.postgres
def test_who_is_moving_while_stale_figures_are_counted_anew_is_not_overlooked(hall: Hall, one: Principal) -> None:
    other = make_candidate(hall, "常在")
    sit(hall, other, 10)
    service.count_figures(hall.exam_id, until=LATER, now=NOW)
    moves(hall, one)  # stale from now on
    goes = partial(moves, hall, other)
    assert overtaking(goes, partial(service.count_figures, hall.exam_id, until=LATER, now=LATER)) is None
    counted_again(hall)
    with reading() as session:
        assert service.analysis.queries.unit_figures(session, hall.exam_id, hall.land.unit.path) is None
