"""Who sits an exam is told no figures of its items, not by message either."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from lms.access.domain import roles
from lms.exams import service
from lms.infra.db import unit_of_work
from lms.kernel.principal import Principal
from lms.moderation.models import RevisionRow
from tests.factories.exams import NOW, Hall, enrol, make_candidate, own_banks
from tests.factories.people import make_person
from tests.service.exams.test_regrading import LATER, sit
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


def test_an_author_who_sits_the_exam_hears_nothing_of_its_items_before_it_is_over(
    hall: Hall, take_seat: TakeSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.exams.domain.analysis.ENOUGH", 2)
    own_banks(hall, hall.land.unit)
    author = make_person(hall.land.unit, "作者", grants={roles.UPLOADER: hall.land.unit}, now=NOW)
    with unit_of_work() as session:
        session.execute(update(RevisionRow).values(author_id=author.person_id))
    enrol(hall, author.person_id)  # POST /classes/<class>/enrolment
    for name in ("甲", "乙"):
        sit(hall, make_candidate(hall, name), 0, seed=7)
    service.count_figures(hall.exam_id, until=LATER, now=NOW)
    seat = take_seat(author)
    assert seat.get("/staff/banks/C1").status_code == 403, "its bank is closed to who sits the exam"
    page = seat.get("/me/notices")
    assert page.status_code == 200
    assert "得分率不到三成" not in page.text
