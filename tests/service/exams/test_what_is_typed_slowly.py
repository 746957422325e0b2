"""An answer is saved while it is typed: what is kept of an ID number before its last sign must not tell it either."""

import re

from flask import Flask
from sqlalchemy import select

from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow
from lms.infra.db import reading
from lms.kernel.numbers import check_character, tells_an_id_number
from tests.factories.exams import NOW, make_hall_of_all_types
from tests.service.exams.test_all_types import begun, places

NUMBER = "33010219850617005X"


def test_no_kept_row_tells_a_number_that_was_typed_with_pauses(clean: Flask) -> None:
    candidate, attempt_id = begun(make_hall_of_all_types())
    position = places(attempt_id)["short_answer"][0]
    for seq, typed in enumerate((NUMBER[:6], NUMBER[:14], NUMBER[:16], NUMBER[:17], NUMBER), start=1):
        said = f"申请人王大树，身份证号{typed}"
        service.save_answer(attempt_id, candidate.person_id, position, SaveKey(1, seq), [said], received_at=NOW)
    with reading() as session:
        kept = [str(one) for one in session.execute(select(AnswerEventRow.value)).scalars()]
    assert len(kept) >= 3 and "身份证号***" in kept[-1]
    rows = [digits for one in kept for digits in re.findall(r"(?<![0-9])[0-9]{16,17}(?![0-9])", one)]
    assert not [one for one in rows if tells_an_id_number((one + "0")[:17] + check_character((one + "0")[:17]))], kept
