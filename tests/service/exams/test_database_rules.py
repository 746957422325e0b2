"""What the database itself refuses, whoever writes to it. Invariants 1 to 5 of the reliability plan."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow, AttemptQuestionRow, AttemptRow, ExamRulesRow, ScoreRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall

BELL = NOW + timedelta(hours=1)


@pytest.fixture
def attempt_id(hall: Hall, candidate: Principal) -> UUID:
    attempt_id = service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=7).attempt_id
    service.save_answer(attempt_id, candidate.person_id, 1, SaveKey(1, 1), ["o1"], received_at=NOW)
    return attempt_id


def refused(statement: Any, message: str) -> None:
    with pytest.raises(IntegrityError, match=message), unit_of_work() as session:
        session.execute(statement)


def event(attempt_id: UUID, **changes: Any) -> Any:
    values = {
        "attempt_id": attempt_id,
        "position": 2,
        "epoch": 1,
        "client_seq": 1,
        "value": ["A"],
        "received_at": NOW,
    }
    return insert(AnswerEventRow).values(values | changes)


def score(attempt_id: UUID) -> Any:
    return insert(ScoreRow.__table__).values(
        attempt_id=attempt_id, score=100, max_score=100, passed=True, sheet=[], graded_at=NOW
    )


@pytest.mark.parametrize("table", [AnswerEventRow, AttemptQuestionRow, ExamRulesRow])
def test_answers_papers_and_rules_are_append_only(attempt_id: UUID, table: Any) -> None:
    column = {"answer_event": "value", "attempt_question": "option_order", "exam_rules": "sections"}[
        table.__tablename__
    ]
    refused(update(table).values({column: ["B"]}), "append-only")
    refused(delete(table), "append-only")


def test_a_score_is_stored_once_and_never_changed(attempt_id: UUID, candidate: Principal) -> None:
    refused(score(attempt_id), "not handed in")
    service.submit(attempt_id, candidate.person_id, now=NOW)
    refused(update(ScoreRow).values(score=100), "append-only")
    refused(delete(ScoreRow), "append-only")
    refused(score(attempt_id), "(not handed in|(?i:unique))")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"deadline": BELL + timedelta(hours=1)}, id="DEADLINE"),
        pytest.param({"closes_at": BELL + timedelta(hours=1)}, id="CLOSING"),
        pytest.param({"started_at": NOW - timedelta(hours=1)}, id="START"),
        pytest.param({"seed": 8}, id="SEED"),
        pytest.param({"questions": 31}, id="LENGTH_OF_THE_PAPER"),
        pytest.param({"attempt_no": 9}, id="NUMBER"),
    ],
)
def test_deadline_and_paper_never_change(attempt_id: UUID, values: dict[str, Any]) -> None:
    refused(update(AttemptRow).values(**values), "never change")


def test_states_go_one_way(attempt_id: UUID, candidate: Principal) -> None:
    handed_in = {"submitted_at": NOW, "submitted_by": "learner"}
    refused(update(AttemptRow).values(state="graded", **handed_in), "only way")
    with unit_of_work() as session:
        session.execute(update(AttemptRow).values(state="submitted", **handed_in))
    refused(update(AttemptRow).values(state="graded"), "needs a score")
    refused(update(AttemptRow).values(state="open", submitted_at=None, submitted_by=None), "only way|handed in once")
    with unit_of_work() as session:
        session.execute(score(attempt_id))
        session.execute(update(AttemptRow).values(state="graded"))
    for state in ("open", "submitted"):
        refused(update(AttemptRow).values(state=state, submitted_at=None, submitted_by=None), "only way|handed in once")
    refused(update(AttemptRow).values(submitted_at=BELL), "handed in once")
    refused(update(AttemptRow).values(epoch=5), "epoch")
    refused(delete(AttemptRow), "never deleted|(?i:foreign key)")


def test_epochs_never_fall(attempt_id: UUID) -> None:
    with unit_of_work() as session:
        session.execute(update(AttemptRow).values(epoch=4))
    refused(update(AttemptRow).values(epoch=3), "epoch")


def test_no_answer_is_stored_late_or_after_hand_in_or_for_a_page_to_come(attempt_id: UUID, candidate) -> None:
    refused(event(attempt_id, received_at=BELL + timedelta(seconds=3, milliseconds=1)), "is over")
    refused(event(attempt_id, epoch=2), "is over")
    with unit_of_work() as session:
        session.execute(event(attempt_id, received_at=BELL + timedelta(seconds=3)))
    service.submit(attempt_id, candidate.person_id, now=NOW)
    refused(event(attempt_id, client_seq=2), "is over")


def test_no_item_is_added_to_a_paper(attempt_id: UUID) -> None:
    with reading() as session:
        entry = queries.paper(session, attempt_id).entries[0]
    statement = insert(AttemptQuestionRow).values(
        attempt_id=attempt_id,
        position=31,
        item_version_id=entry.version_id,
        type=entry.type,
        points=entry.points,
        option_order=list(entry.option_order),
    )
    refused(statement, "drawn once")


def test_one_open_attempt_and_no_more_than_the_rules_allow(hall: Hall, candidate: Principal, attempt_id: UUID) -> None:
    def another(number: int, state: str = "open") -> Any:
        return insert(AttemptRow.__table__).values(
            id=ids.new_id(),
            exam_id=hall.exam_id,
            rules_version=1,
            person_id=candidate.person_id,
            attempt_no=number,
            state=state,
            epoch=1,
            seed=1,
            questions=30,
            started_at=NOW,
            deadline=BELL,
            closes_at=BELL,
        )

    refused(another(2), "(?i)unique")
    service.submit(attempt_id, candidate.person_id, now=NOW)
    refused(another(1), "(?i)unique")
    refused(another(2, state="voided"), "begins open")
    for number in (2, 3):
        with unit_of_work() as session:
            session.execute(another(number))
        with reading() as session:
            newest = queries.attempts_of(session, hall.exam_id, candidate.person_id)[-1]
        service.submit(newest.id, candidate.person_id, now=NOW)
    refused(another(4), "no attempts are left")
