"""a candidate whose paper can't be drawn is told so, not which bank is short and how many items it holds."""

from sqlalchemy import update

from lms.infra.db import unit_of_work
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import Hall
from tests.web.exams.conftest import Seat


def test_a_candidate_learns_no_bank_and_no_count(hall: Hall, seat: Seat) -> None:
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.bank_code == "C3").values(state="withdrawn"))
    answer = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    assert (answer.status_code, answer.json["code"]) == (409, "pool_too_small")
    assert "C3" not in answer.text, answer.text
    assert not {"bank", "have", "needed"} & set(answer.json), answer.json
