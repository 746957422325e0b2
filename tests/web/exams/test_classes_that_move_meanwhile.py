"""an invigilator whose class went to another union between the look at it and the write does nothing there any more."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lms.access.domain import roles
from lms.classes.models import TrainingClassRow
from lms.exams import queries, service
from lms.exams.models import ExamMessageRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.exams import NOW, Hall
from tests.factories.people import make_person
from tests.web.exams.conftest import Seat


@pytest.fixture
def moves(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The unit that holds the class goes to another province just before a service writes."""
    with unit_of_work() as session:
        session.execute(
            update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=hall.land.unit.id)
        )

    def before(name: str) -> None:
        real = getattr(service, name)

        def late(*arguments: Any, **named: Any) -> Any:
            units.move(
                hall.land.unit.id, hall.land.other_province.id, units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
            )
            return real(*arguments, **named)

        monkeypatch.setattr(service, name, late)

    return before


def test_no_message_goes_to_its_candidates(
    hall: Hall, seat: Seat, take_seat: Any, moves: Callable[[str], None]
) -> None:
    seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    tutor = take_seat(
        make_person(hall.land.province, "班主任", grants={roles.CLASS_TUTOR: hall.land.province}, now=NOW)
    )
    moves("tell")
    tutor.post(f"/staff/exams/{hall.exam_id}/messages", {"text": "请注意时间"})
    assert tutor.get(f"/staff/classes/{hall.class_id}/exam-board").status_code == 404
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ExamMessageRow)).scalar_one() == 0


def test_no_more_time_is_given_there(hall: Hall, seat: Seat, take_seat: Any, moves: Callable[[str], None]) -> None:
    attempt = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json["attempt_id"]
    first = make_person(hall.land.national, "监考甲", grants={roles.CLASS_TUTOR: hall.land.national}, now=NOW)
    asked = service.ask_more_time(hall.exam_id, None, 5, "停电", by=first.person_id, reach=EVERYWHERE, now=NOW)
    tutor = take_seat(
        make_person(hall.land.province, "班主任", grants={roles.CLASS_TUTOR: hall.land.province}, now=NOW)
    )
    before = seat.call("GET", f"/attempts/{attempt}").json["deadline"]
    moves("decide_more_time")
    tutor.post(f"/staff/more-time/{asked}/decision", {"decision": "approve"})
    with reading() as session:
        assert queries.request(session, asked).state.value == "asked"
    assert seat.call("GET", f"/attempts/{attempt}").json["deadline"] == before
