"""What two do at once about one exam: each waits for the other, and none ends with what it did not mean."""

import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.certificates import service as certificates
from lms.classes.models import TrainingClassRow
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.domain.regrade import Way
from lms.exams.domain.terms import Rules
from lms.exams.models import AttemptRow, ExamRulesRow, MarkingPieceRow
from lms.exams.service import marking, papers
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.organisations import queries as organisations
from lms.organisations.service import rules as tree
from tests.factories.exams import (
    NOW,
    Hall,
    make_candidate,
    make_hall,
    make_hall_of_all_types,
    right_answers,
)
from tests.factories.joining import join_by_two
from tests.factories.marking import at_work, hand_in, make_marker
from tests.factories.people import make_person
from tests.factories.together import crossing, pausing_first
from tests.service.exams.test_regrading import LATER, manager, now_right, propose, sit, version_at, walk


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall(courses=8)


def answer_all(attempt_id: UUID, person_id: UUID, *, now: datetime) -> None:
    for position, value in right_answers(attempt_id).items():
        service.save_answer(attempt_id, person_id, position, SaveKey(1, 1), value, received_at=now)


def publish_doubled(hall: Hall) -> None:
    """The next version of the rules: each item brings twice as much."""
    with unit_of_work() as session:
        old = session.get_one(ExamRulesRow, (hall.exam_id, 1))
        values = {column.key: getattr(old, column.key) for column in ExamRulesRow.__table__.columns}
        sections = [one | {"points": one["points"] * 2} for one in old.sections]
        session.add(ExamRulesRow(**values | {"version": 2, "sections": sections, "pass_mark": 120}))


def faults(results: list[object]) -> list[object]:
    return [one for one in results if isinstance(one, Exception)]


@pytest.mark.postgres
def test_a_corrected_key_and_a_hand_in_both_earn_their_certificates(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = manager(hall, "甲主任"), manager(hall, "乙主任")
    one, other = sorted((make_candidate(hall, "甲"), make_candidate(hall, "乙")), key=lambda found: found.person_id)
    looked_at = sit(hall, one, 14, seed=7)
    sit(hall, other, 0, seed=7)
    made = propose(hall, now_right(version_at(looked_at, 15), Way.FULL), first)
    service.confirm_regrade(made, by=second, now=LATER)
    attempt_id = service.start_or_resume(hall.exam_id, other.person_id, now=LATER, seed=3).attempt_id
    answer_all(attempt_id, other.person_id, now=LATER)
    reached = threading.Event()
    monkeypatch.setattr(certificates, "_next_serial", pausing_first(certificates._next_serial, reached))
    last = crossing(
        lambda: walk(made, "apply"), lambda: service.submit(attempt_id, other.person_id, now=LATER), reached
    )
    assert faults(last) == []


@pytest.mark.postgres
def test_a_last_mark_and_a_unit_that_moves_wait_for_each_other(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = make_hall_of_all_types()
    with unit_of_work() as session:
        of_class = update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id)
        session.execute(of_class.values(unit_id=hall.land.unit.id))
    attempt_id = hand_in(hall, make_candidate(hall), blank=("case",))
    marker = at_work(make_marker(hall), hall)
    with reading() as session:
        waiting = select(MarkingPieceRow.item_version_id).where(MarkingPieceRow.attempt_id == attempt_id)
        version_id = session.execute(waiting).scalar_one()
    piece_id = service.take(hall.exam_id, version_id, by=marker, now=NOW)
    assert piece_id
    reached = threading.Event()
    monkeypatch.setattr(marking, "_hundredths", pausing_first(marking._hundredths, reached))

    def move() -> None:
        with unit_of_work() as session:
            tree.lock_tree(session)
            tree.hold_subtree(session, organisations.unit(session, hall.land.unit.id))

    last = crossing(lambda: service.mark(piece_id, [Decimal("10")], "", by=marker, now=NOW), move, reached)
    assert faults(last) == []


@pytest.mark.postgres
def test_nobody_begins_an_attempt_under_an_account_that_is_being_joined(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = make_candidate(hall), make_candidate(hall)
    staff = Staff(make_person(hall.land.national, "申请员", now=NOW).person_id, (hall.land.national.path,))
    reached = threading.Event()
    monkeypatch.setattr(queries, "has_open_attempt", pausing_first(queries.has_open_attempt, reached))
    last = crossing(
        lambda: join_by_two(kept.person_id, gone.person_id, by=staff, reason="同一人", now=NOW),
        lambda: service.start_or_resume(hall.exam_id, gone.person_id, now=NOW, seed=1),
        reached,
    )
    assert isinstance(last[1], NotFound)
    assert not isinstance(last[0], Exception)
    mine = service.start_or_resume(hall.exam_id, kept.person_id, now=NOW, seed=1)
    assert mine.created
    answer_all(mine.attempt_id, kept.person_id, now=NOW)


def test_rules_published_while_a_paper_is_drawn_get_a_paper_of_their_own(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = make_candidate(hall)
    drawn: list[int] = []

    def and_published(draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawing(session: Session, rules: Rules, seed: int) -> Any:
            found = draw(session, rules, seed)
            drawn.append(rules.version)
            if len(drawn) == 1:
                publishing = threading.Thread(target=publish_doubled, args=(hall,))
                publishing.start()
                publishing.join()
            return found

        return drawing

    monkeypatch.setattr(papers, "draw", and_published(papers.draw))
    attempt_id = service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=1).attempt_id
    answer_all(attempt_id, candidate.person_id, now=NOW)
    graded = service.submit(attempt_id, candidate.person_id, now=NOW)
    with reading() as session:
        version = session.get_one(AttemptRow, attempt_id).rules_version
    assert drawn == [version - 1, version]
    assert graded.result
    assert (graded.result.max_score, graded.result.passed) == (200, True)
