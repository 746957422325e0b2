"""Who may begin an attempt, on which paper, and that two requests at once begin one. Requirements 30, 31, 35; invariants 1, 3."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, bindparam, event, text, update

from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey, State
from lms.exams.models import AttemptRow, DrawnPaperRow
from lms.exams.service.papers import _TAKE
from lms.infra import db
from lms.infra.cache import cache
from lms.infra.db import reading, unit_of_work
from lms.infra.types import Uuid
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.people import make_person

HOUR = timedelta(hours=1)


def start(hall: Hall, candidate: Principal, *, at=NOW, seed: int = 7) -> service.Opened:
    return service.start_or_resume(hall.exam_id, candidate.person_id, now=at, seed=seed)


def attempts(hall: Hall, candidate: Principal) -> tuple[queries.Attempt, ...]:
    with reading() as session:
        return queries.attempts_of(session, hall.exam_id, candidate.person_id)


def papers(*attempt_ids: UUID) -> list:
    with reading() as session:
        return [queries.paper(session, attempt_id) for attempt_id in attempt_ids]


def test_a_start_freezes_a_paper_by_the_blueprint_and_a_deadline(hall: Hall, candidate: Principal) -> None:
    opened = start(hall, candidate)
    assert opened.created
    (found,) = attempts(hall, candidate)
    (paper,) = papers(opened.attempt_id)
    assert (found.state, found.epoch, found.attempt_no) == (State.OPEN, 1, 1)
    assert found.deadline == NOW + HOUR and found.closes_at == found.deadline + timedelta(seconds=3)
    assert [entry.position for entry in paper.entries] == list(range(1, 31))
    assert [entry.type for entry in paper.entries] == ["single"] * 10 + ["multiple"] * 10 + ["true_false"] * 10
    assert sum(entry.points for entry in paper.entries) == 100


def test_the_same_seed_gives_the_same_paper_and_another_seed_another(hall: Hall) -> None:
    people = [make_candidate(hall, name) for name in ("甲", "乙", "丙")]
    opened = [start(hall, one, seed=seed).attempt_id for one, seed in zip(people, (1, 1, 2), strict=True)]
    first, twin, other = papers(*opened)
    assert first == twin != other


def test_a_second_start_opens_the_same_attempt_and_raises_its_epoch(hall: Hall, candidate: Principal) -> None:
    first = start(hall, candidate)
    again = start(hall, candidate, at=NOW + timedelta(minutes=5), seed=8)
    assert again == service.Opened(first.attempt_id, created=False)
    (found,) = attempts(hall, candidate)
    assert found.epoch == 2 and found.deadline == NOW + HOUR


def test_starts_at_the_same_moment_make_one_attempt(app: Flask, hall: Hall, candidate: Principal) -> None:
    crowd = 8
    gate = Barrier(crowd)

    def press(seed: int) -> service.Opened:
        gate.wait()
        return start(hall, candidate, seed=seed)

    with ThreadPoolExecutor(crowd) as pool:
        opened = list(pool.map(press, range(crowd)))
    assert len({one.attempt_id for one in opened}) == 1
    assert sum(one.created for one in opened) == 1
    (found,) = attempts(hall, candidate)
    assert found.epoch == crowd


def test_seven_of_eight_courses_are_refused_with_the_missing_one(hall: Hall) -> None:
    candidate = make_candidate(hall, completed=7)
    with pytest.raises(service.CoursesMissing) as refusal:
        start(hall, candidate)
    assert refusal.value.status == 403
    assert refusal.value.extra == {"missing": [{"id": str(hall.course_ids[7]), "title": "课程C8"}]}
    assert attempts(hall, candidate) == ()


def test_someone_outside_the_class_does_not_find_the_exam(hall: Hall) -> None:
    stranger = make_person(hall.land.unit, "路人")
    with pytest.raises(NotFound):
        start(hall, stranger)
    with pytest.raises(NotFound):
        service.start_or_resume(ids.new_id(), stranger.person_id, now=NOW, seed=1)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        pytest.param(EnrolmentRow, {"state": "withdrawn"}, id="WITHDRAWN_FROM_THE_CLASS"),
        pytest.param(TrainingClassRow, {"phase": "summarise"}, id="CLASS_IS_OVER"),
    ],
)
def test_a_class_that_is_not_held_refuses(hall: Hall, candidate: Principal, table, values) -> None:
    with unit_of_work() as session:
        session.execute(update(table).values(**values))
    with pytest.raises(service.ExamNotOpen):
        start(hall, candidate)


def shanghai(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        pytest.param(shanghai(2026, 10, 7, 23, 59), False, id="BEFORE_THE_FIRST_DAY"),
        pytest.param(shanghai(2026, 10, 8, 0, 0), True, id="FIRST_MIDNIGHT"),
        pytest.param(shanghai(2026, 12, 31, 23, 50), True, id="TEN_MINUTES_BEFORE_THE_END"),
        pytest.param(shanghai(2027, 1, 1, 0, 0), False, id="AFTER_THE_LAST_DAY"),
    ],
)
def test_attempts_begin_on_the_days_of_the_class_only(hall: Hall, candidate: Principal, at, allowed: bool) -> None:
    with reading() as session:
        standing = queries.standing_in_class(session, hall.class_id, candidate.person_id, enrolled=True, now=at)
    assert standing is not None
    assert standing.state(True) == ("open" if allowed else "closed")
    if not allowed:
        with pytest.raises(service.ExamNotOpen):
            start(hall, candidate, at=at)
        return
    start(hall, candidate, at=at)
    assert attempts(hall, candidate)[0].deadline == at + HOUR


def test_attempts_run_out(clean: Flask) -> None:
    hall = make_hall(max_attempts=2)
    candidate = make_candidate(hall)
    for _ in range(2):
        service.submit(start(hall, candidate).attempt_id, candidate.person_id, now=NOW)
    with pytest.raises(service.AttemptsUsedUp):
        start(hall, candidate)
    with reading() as session:
        standing = queries.standing_in_class(session, hall.class_id, candidate.person_id, enrolled=True, now=NOW)
    assert standing is not None
    assert (standing.attempts_used, standing.best_score, standing.state(True)) == (2, 0, "exhausted")


def test_a_start_after_the_time_hands_in_and_uses_no_further_attempt(hall: Hall, candidate: Principal) -> None:
    first = start(hall, candidate)
    late = NOW + HOUR + timedelta(seconds=4)
    with pytest.raises(service.TimeOver):
        start(hall, candidate, at=late)
    (found,) = attempts(hall, candidate)
    assert (found.state, found.submitted_by) == (State.GRADED, "clock")
    assert start(hall, candidate, at=late).attempt_id != first.attempt_id


def test_opening_again_never_begins_another_attempt(hall: Hall, candidate: Principal) -> None:
    opened = start(hall, candidate)
    assert service.open_again(opened.attempt_id, candidate.person_id, now=NOW) == 2
    service.submit(opened.attempt_id, candidate.person_id, now=NOW)
    with pytest.raises(service.SaveRefused) as refusal:
        service.open_again(opened.attempt_id, candidate.person_id, now=NOW)
    assert refusal.value.code == "closed"
    assert len(attempts(hall, candidate)) == 1


def test_only_published_items_are_drawn(hall: Hall, candidate: Principal) -> None:
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.position % 3 == 0).values(state="withdrawn"))
    (paper,) = papers(start(hall, candidate).attempt_id)
    with reading() as session:
        drawn = {entry.version_id for entry in paper.entries}
        states = session.query(ItemVersionRow.state).where(ItemVersionRow.id.in_(drawn)).distinct().all()
    assert states == [("published",)]


def test_start_save_and_hand_in_take_a_fixed_number_of_statements(hall: Hall) -> None:
    def count(work) -> int:
        seen: list[str] = []

        def note(_connection, _cursor, statement: str, *_rest) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len([text for text in seen if not text.startswith(("BEGIN", "PRAGMA"))])

    counts = []
    for name in ("暖身", "甲", "乙"):  # the first brings rules and items into the process
        one = make_candidate(hall, name)
        cache().clear()
        service.draw_ahead(hall.exam_id, wanted=1, now=NOW, rng=Random(1))
        begun = count(lambda one=one: start(hall, one))
        attempt_id = attempts(hall, one)[0].id
        saved = [
            count(
                lambda one=one, attempt_id=attempt_id, seq=seq: service.save_answer(
                    attempt_id, one.person_id, 1, SaveKey(1, seq), ["o1"], received_at=NOW
                )
            )
            for seq in (1, 2)
        ]
        ended = count(lambda one=one, attempt_id=attempt_id: service.submit(attempt_id, one.person_id, now=NOW))
        counts.append((begun, *saved, ended))
    assert counts[1] == counts[2] == (7, 2, 1, 8), "a paper is read once by a process that did not begin it"


def test_a_paper_drawn_ahead_is_taken_once_and_its_seed_kept(hall: Hall) -> None:
    people = [make_candidate(hall, name) for name in ("甲", "乙", "丙")]
    assert service.draw_ahead(hall.exam_id, wanted=2, now=NOW, rng=Random(5)) == 2
    assert service.draw_ahead(hall.exam_id, wanted=2, now=NOW, rng=Random(6)) == 0
    opened = [start(hall, one, seed=99).attempt_id for one in people]
    first, second, drawn_at_once = papers(*opened)
    assert first != second != drawn_at_once
    with reading() as session:
        seeds = [session.get(AttemptRow, one).seed for one in opened]
        assert session.query(DrawnPaperRow).count() == 0
    assert 99 not in seeds[:2] and seeds[2] == 99


def test_a_paper_is_taken_without_a_walk_through_the_bank(app: Flask, hall: Hall) -> None:
    """SQLite's planner held every item against every line of the paper once it had counted both."""
    service.draw_ahead(hall.exam_id, wanted=2, now=NOW, rng=Random(5))
    values = {"exam_id": hall.exam_id, "version": 1}
    with db.engine().connect() as connection:
        lite = db.dialect() == "sqlite"
        connection.execute(text("ANALYZE" if lite else "SET LOCAL enable_seqscan = off"))
        explain = text(f"EXPLAIN {'QUERY PLAN' if lite else ''} {_TAKE[db.dialect()]}")
        rows = connection.execute(explain.bindparams(bindparam("exam_id", type_=Uuid)), values).all()
        connection.rollback()  # other tests plan by what they know
    plan = "\n".join(str(row) for row in rows)
    assert "item_version" in plan
    assert "SCAN v" not in plan and "Seq Scan on item_version" not in plan, plan


def test_the_seed_of_a_paper_drawn_ahead_gives_the_paper_again(hall: Hall, candidate: Principal) -> None:
    service.draw_ahead(hall.exam_id, wanted=1, now=NOW, rng=Random(5))
    attempt_id = start(hall, candidate).attempt_id
    with reading() as session:
        seed = session.get(AttemptRow, attempt_id).seed
    other = make_candidate(hall, "李四")
    assert papers(attempt_id)[0] == papers(start(hall, other, seed=seed).attempt_id)[0]


def test_a_paper_with_an_item_that_was_withdrawn_is_dropped(hall: Hall, candidate: Principal) -> None:
    service.draw_ahead(hall.exam_id, wanted=3, now=NOW, rng=Random(5))
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.position % 3 == 0).values(state="withdrawn"))
    (paper,) = papers(start(hall, candidate).attempt_id)
    with reading() as session:
        drawn = [entry.version_id for entry in paper.entries]
        assert queries.published(session, drawn) == 30
        assert session.query(DrawnPaperRow).count() == 0


def test_papers_are_drawn_for_those_who_may_begin_soon_and_have_not(hall: Hall) -> None:
    for name in ("甲", "乙", "丙"):
        make_candidate(hall, name)
    begun = make_candidate(hall, "丁")
    start(hall, begun)
    assert service.prepare_papers(most=2, now=NOW, rng=Random(1)) == 2
    assert service.prepare_papers(most=500, now=NOW, rng=Random(1)) == 1
    assert service.prepare_papers(most=500, now=NOW + timedelta(days=60), rng=Random(1)) == 0
