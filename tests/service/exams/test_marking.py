"""People mark by item: one answer with one marker at a time, and the last mark makes the score final."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from lms.accounts.domain.reach import Staff
from lms.audit.models import AuditEntryRow
from lms.certificates.models import CertificateRow
from lms.exams import queries, service
from lms.exams.domain.attempts import State
from lms.exams.domain.marking import LEASE, Plan
from lms.exams.models import MarkingPieceRow, MarkRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from tests.factories.exams import NOW, Hall, make_candidate, make_hall_of_all_types
from tests.factories.marking import at_work, hand_in, handed_in, make_marker
from tests.factories.together import at_once, caught


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall_of_all_types()


@pytest.fixture
def marker(hall: Hall) -> Staff:
    return at_work(make_marker(hall), hall)


@pytest.fixture
def second(hall: Hall) -> Staff:
    return at_work(make_marker(hall, "第二人"), hall)


def items(hall: Hall, by: Staff) -> dict[str, queries.ItemToMark]:
    with reading() as session:
        return {one.type: one for one in queries.items_to_mark(session, hall.exam_id, by.person_id, now=NOW)}


def take(hall: Hall, by: Staff, kind: str = "short_answer", *, after: timedelta = timedelta()) -> UUID | None:
    with reading() as session:
        version_id = (
            session.execute(
                select(MarkingPieceRow.item_version_id)
                .where(MarkingPieceRow.exam_id == hall.exam_id)
                .where(MarkingPieceRow.points == 10, MarkingPieceRow.position == {"short_answer": 7, "case": 8}[kind])
            )
            .scalars()
            .first()
        )
    assert version_id
    return service.take(hall.exam_id, version_id, by=by, now=NOW + after)


def give(piece_id: UUID | None, *parts: str, by: Staff) -> service.Marked:
    assert piece_id
    return service.mark(piece_id, [Decimal(one) for one in parts], "", by=by, now=NOW)


def attempt(attempt_id: UUID) -> queries.Attempt:
    with reading() as session:
        return queries.attempt(session, attempt_id)


def test_the_last_mark_makes_the_score_final_and_brings_the_certificate(hall: Hall, marker: Staff) -> None:
    (attempt_id,) = handed_in(hall)
    assert attempt(attempt_id).state is State.SUBMITTED
    assert not give(take(hall, marker), "7.5", by=marker).final
    with reading() as session:
        assert attempt(attempt_id).result is None
        assert session.execute(select(CertificateRow.id)).first() is None, "provisional: the certificate waits"
    assert give(take(hall, marker, "case"), "5", "2.5", by=marker).final
    found = attempt(attempt_id)
    assert found.state is State.GRADED
    assert found.result == queries.Result(16 + 20 + 15, 56, passed=True)
    with reading() as session:
        assert session.execute(select(CertificateRow.person_id)).scalar_one() == found.person_id


def test_a_blank_answer_needs_nobody(hall: Hall, marker: Staff) -> None:
    attempt_id = hand_in(hall, make_candidate(hall), blank=("case",))
    assert set(items(hall, marker)) == {"short_answer"}
    assert give(take(hall, marker), "10", by=marker).final
    assert attempt(attempt_id).result == queries.Result(46, 56, passed=True)


def test_two_markers_never_have_the_same_answer(hall: Hall, marker: Staff, second: Staff) -> None:
    handed_in(hall, 2)
    mine = take(hall, marker)
    theirs = take(hall, second)
    assert mine and theirs and mine != theirs
    assert take(hall, marker) == mine, "who holds one gets it again"
    with pytest.raises(service.WithSomebodyElse):
        give(mine, "3", by=second)
    third = at_work(make_marker(hall, "第三人"), hall)
    assert take(hall, third) is None


def test_markers_who_ask_at_once_get_different_answers(hall: Hall) -> None:
    handed_in(hall, 4)
    markers = [at_work(make_marker(hall, f"阅卷{number}"), hall) for number in range(4)]
    taken = at_once(*(partial(take, hall, by) for by in markers))
    assert None not in taken
    assert len(set(taken)) == 4


def test_a_lease_that_ran_out_frees_the_answer_unless_nobody_wanted_it(
    hall: Hall, marker: Staff, second: Staff
) -> None:
    handed_in(hall)
    mine = take(hall, marker)
    assert mine
    service.save_draft(mine, ["3"], "先记着", by=marker, now=NOW + timedelta(minutes=10))
    assert take(hall, second, after=LEASE) is None, "a draft keeps the answer"
    assert take(hall, second, after=LEASE + timedelta(minutes=11)) == mine
    with reading() as session:
        assert session.get_one(MarkingPieceRow, mine).draft is None, "another's draft is nobody's business"
    with pytest.raises(service.WithSomebodyElse):
        give(mine, "3", by=marker)
    give(mine, "4", by=second)


def test_marking_twice_is_marking_once(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    mine = take(hall, marker)
    give(mine, "3", by=marker)
    give(mine, "9", by=marker)
    with reading() as session:
        assert session.execute(select(MarkRow.earned)).scalars().all() == [300]


@pytest.mark.parametrize("parts", [("10.5",), ("-1",), ("3.2",), ("NaN",), ("Infinity",), ("1e30",)])
def test_points_off_the_steps_are_refused_and_nothing_is_stored(hall: Hall, marker: Staff, parts: tuple[str]) -> None:
    handed_in(hall)
    mine = take(hall, marker)
    with pytest.raises(Invalid) as refusal:
        give(mine, *parts, by=marker)
    assert set(refusal.value.fields) == {"parts-0"}
    with reading() as session:
        assert session.execute(select(MarkRow.id)).first() is None


def test_each_question_of_a_case_has_its_own_most(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    with pytest.raises(Invalid) as refusal:
        give(take(hall, marker, "case"), "4", "5.5", by=marker)
    assert set(refusal.value.fields) == {"parts-1"}


def test_skipped_comes_last_and_flagged_never_again(hall: Hall, marker: Staff, second: Staff) -> None:
    handed_in(hall, 2)
    first = take(hall, marker)
    assert first
    service.put_back(first, by=marker, now=NOW)
    other = take(hall, marker)
    assert other and other != first
    give(other, "5", by=marker)
    assert take(hall, marker) == first
    service.put_back(first, flag="看不清", by=marker, now=NOW)
    assert take(hall, marker) is None
    counted = items(hall, marker)["short_answer"]
    assert (counted.waiting, counted.flagged, counted.open_to_me, counted.mine) == (1, 1, 0, 1)
    assert take(hall, second) == first
    with reading() as session:
        assert queries.piece(session, first, second.scopes, second.person_id).flags == ("看不清",)


def test_nobody_marks_their_own_answer(hall: Hall) -> None:
    sitter = make_candidate(hall, "自己")
    hand_in(hall, sitter)
    by = at_work(sitter, hall)
    with pytest.raises(service.OwnExam):
        take(hall, by)
    with reading() as session:
        piece_id = session.execute(select(MarkingPieceRow.id)).scalars().first()
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(_mark(piece_id, sitter.person_id))


def test_outside_the_reach_there_is_nothing(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    far = Staff(marker.person_id, (hall.land.province.path,))  # the class is the nation's
    mine = take(hall, marker)
    assert mine
    with pytest.raises(NotFound):
        take(hall, far)
    with pytest.raises(NotFound):
        give(mine, "3", by=far)
    with pytest.raises(NotFound):
        service.save_draft(mine, ["3"], "", by=far, now=NOW)
    with pytest.raises(NotFound):
        service.set_plan(hall.exam_id, Plan(2, 10), by=far, now=NOW)


class TestTwoMarkers:
    @pytest.fixture(autouse=True)
    def _plan(self, hall: Hall, marker: Staff) -> Iterator[None]:
        handed_in(hall)  # queued with one marker; the plan reaches what has no mark yet
        service.set_plan(hall.exam_id, Plan(2, 20), by=marker, now=NOW)
        yield

    def test_two_who_agree_settle_by_their_mean(self, hall: Hall, marker: Staff, second: Staff) -> None:
        mine = take(hall, marker)
        give(mine, "6", by=marker)
        assert take(hall, marker) is None, "the second mark is another's"
        assert take(hall, second) == mine
        give(mine, "7.5", by=second)
        with reading() as session:
            assert session.get_one(MarkingPieceRow, mine).awarded == 675

    def test_two_too_far_apart_are_decided_by_a_third(self, hall: Hall, marker: Staff, second: Staff) -> None:
        mine = take(hall, marker)
        give(mine, "2", by=marker)
        take(hall, second)
        give(mine, "9", by=second)
        with reading() as session:
            assert session.get_one(MarkingPieceRow, mine).awarded is None
        third = at_work(make_marker(hall, "第三人"), hall)
        assert take(hall, third) == mine
        give(mine, "4", by=third)
        with reading() as session:
            assert session.get_one(MarkingPieceRow, mine).awarded == 400

    def test_a_marker_does_not_see_what_the_other_gave(self, hall: Hall, marker: Staff, second: Staff) -> None:
        mine = take(hall, marker)
        give(mine, "6", by=marker)
        take(hall, second)
        with reading() as session:
            found = repr(queries.piece(session, mine, second.scopes, second.person_id))
        assert "600" not in re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", found), "ids hold such digits too"


def test_what_was_handed_in_before_the_queue_was_there_comes_into_it(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    with unit_of_work() as session:  # as on a platform of before: the guard against deleting is set aside
        if session.connection().dialect.name == "sqlite":
            session.connection().exec_driver_sql("DROP TRIGGER marking_piece_no_delete")
            session.execute(delete(MarkingPieceRow))
    if not items(hall, marker):
        assert service.queue_missing(now=NOW) == 1
    assert service.queue_missing(now=NOW) == 0
    assert set(items(hall, marker)) == {"short_answer", "case"}


def test_the_database_keeps_what_was_settled(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    mine = take(hall, marker)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(update(MarkingPieceRow).values(state="settled", awarded=100, settled_at=NOW))
    give(mine, "3", by=marker)
    for change in (
        update(MarkingPieceRow).where(MarkingPieceRow.id == mine).values(awarded=900),
        update(MarkRow).values(earned=900),
        delete(MarkRow),
        delete(MarkingPieceRow),
    ):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(change)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.add(_mark(mine, make_marker(hall, "晚到").person_id))


def test_marks_are_told_in_the_record(hall: Hall, marker: Staff) -> None:
    handed_in(hall)
    mine = take(hall, marker)
    give(mine, "3", by=marker)
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "answer.marked")).scalar_one()
    assert (entry.actor_id, entry.object_id) == (marker.person_id, str(mine))


def _mark(piece_id: UUID | None, marker_id: UUID) -> MarkRow:
    assert piece_id
    return MarkRow(
        id=UUID(int=5), piece_id=piece_id, no=2, marker_id=marker_id, earned=100, parts=[100], comment="", marked_at=NOW
    )


@pytest.mark.postgres
def test_two_who_say_how_an_exam_is_marked_do_so_one_after_the_other(hall: Hall, marker: Staff, second: Staff) -> None:
    def sets(by: Staff) -> None:
        for threshold in range(8):
            service.set_plan(hall.exam_id, Plan(2, threshold), by=by, now=NOW)

    results: dict[str, object] = {}
    threads = [caught(partial(sets, by), results, str(by.person_id)) for by in (marker, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [*results.values()] == [None, None]
