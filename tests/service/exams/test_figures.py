"""Figures of exams are made by a task from what is graded, and authors hear of items that need a look."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.access import service as access
from lms.access.domain import roles
from lms.exams import queries, service
from lms.exams.domain.regrade import Way
from lms.exams.models import ExamItemFigureRow
from lms.exams.queries.usage import usage
from lms.infra import jobs
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.notices.models import NoticeRow
from lms.questionbank import queries as banks
from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.models import ItemSignalRow, ItemVersionRow
from tests.factories.exams import NOW, Hall, make_candidate, make_hall, own_banks
from tests.factories.items import make_desk, publish, typed_item
from tests.service.exams.test_regrading import LATER, carry_out, manager, now_right, propose, sit, version_at


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall()


def count(hall: Hall) -> None:
    service.count_figures(hall.exam_id, until=LATER, now=LATER)


def everybody(hall: Hall) -> queries.Reach:
    with reading() as session:
        return queries.result_reach(session, hall.exam_id, (hall.land.national.path,))


def test_results_by_unit_and_person(hall: Hall) -> None:
    anna, bela = make_candidate(hall, "安"), make_candidate(hall, "白")
    sit(hall, anna, 10)
    sit(hall, anna, 20, now=NOW + timedelta(hours=1))  # the best counts
    sit(hall, bela, 5)
    count(hall)
    count(hall)
    with reading() as session:
        whole = queries.unit_figures(session, hall.exam_id, "/")
        unit = queries.unit_figures(session, hall.exam_id, hall.land.unit.path)
        (below,) = queries.figures_below(session, hall.exam_id, hall.land.national.id)
        people = queries.standings(session, everybody(hall), None, after=None, limit=9)
    assert whole == unit
    assert (whole.persons, whole.passed, whole.mean) == (2, 1, pytest.approx(0.5))
    assert whole.bins == (0, 0, 1, 0, 0, 0, 0, 0, 1, 0)
    assert below.name == "浙江省总工会"
    assert [(one.name, one.score, one.passed, one.attempts) for one in people] == [
        ("安", 80, True, 2),
        ("白", 20, False, 1),
    ]


def test_people_of_other_units_are_not_listed(hall: Hall) -> None:
    sit(hall, make_candidate(hall), 10)
    count(hall)
    with reading() as session:
        inside = queries.result_reach(session, hall.exam_id, (hall.land.province.path,))
        assert not inside.everybody
        assert len(queries.standings(session, inside, None, after=None, limit=9)) == 1
        with pytest.raises(NotFound):
            queries.result_reach(session, hall.exam_id, (hall.land.other_province.path,))
        assert queries.result_exams(session, (hall.land.other_province.path,), limit=9) == ()


def test_people_are_listed_page_by_page(hall: Hall) -> None:
    for name in "丙甲乙":
        sit(hall, make_candidate(hall, name), 10)
    count(hall)
    seen: list[str] = []
    after: UUID | None = None
    with reading() as session:
        while page := queries.standings(session, everybody(hall), None, after=after, limit=1):
            seen.append(page[0].name)
            after = page[0].person_id
    assert seen == ["丙", "甲", "乙"], "bing, jia, yi"


def test_items_count_the_first_attempt_of_each_person(hall: Hall) -> None:
    anna = make_candidate(hall, "安")
    first = sit(hall, anna, 30, seed=7)
    sit(hall, anna, 0, seed=7, now=NOW + timedelta(hours=1))
    sit(hall, make_candidate(hall, "白"), 1, seed=7)
    count(hall)
    version_id = version_at(first, 2)
    with reading() as session:
        listed = {one.version_id: one for one in queries.item_figures(session, hall.exam_id)}
    found = listed[version_id]
    assert (found.n, found.difficulty) == (2, 0.5)
    assert found.discrimination == pytest.approx(1)
    assert {option.key: (option.rate, option.right) for option in found.options} == {
        "A": (0.5, False),
        "B": (0.5, True),
    }


def test_a_corrected_result_changes_the_figures(hall: Hall) -> None:
    attempt_id = sit(hall, make_candidate(hall), 14)
    count(hall)
    made = propose(hall, now_right(version_at(attempt_id, 15), Way.FULL), manager(hall, "甲"))
    carry_out(made, manager(hall, "乙"))
    count(hall)
    with reading() as session:
        assert queries.unit_figures(session, hall.exam_id, "/").passed == 1


def test_authors_who_left_hear_nothing_of_their_items(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.exams.domain.analysis.ENOUGH", 2)
    own_banks(hall)
    for name in ("甲", "乙"):
        attempt_id = sit(hall, make_candidate(hall, name), 0, seed=7)
    count(hall)
    with reading() as session:
        assert session.get_one(ItemSignalRow, version_at(attempt_id, 1)).flags == [Signal.HARD.value]
        assert not session.execute(select(NoticeRow.id).where(NoticeRow.kind == "exams.item_figures")).first()


def test_authors_hear_once_of_an_item_that_nobody_gets_right(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.exams.domain.analysis.ENOUGH", 2)
    own_banks(hall)
    with reading() as session:
        versions = session.execute(select(ItemVersionRow.id)).scalars().all()
        (author_id,) = {one[0] for one in queries.authors_of_items(session, versions).values()}
    access.appoint(author_id, roles.UPLOADER, hall.land.national.id, reason="上传", now=NOW)
    for name in ("甲", "乙"):
        attempt_id = sit(hall, make_candidate(hall, name), 0, seed=7)
    count(hall)
    count(hall)
    version_id = version_at(attempt_id, 1)
    with reading() as session:
        assert session.get_one(ItemSignalRow, version_id).flags == [Signal.HARD.value]
        told = session.execute(select(NoticeRow).where(NoticeRow.kind == "exams.item_figures")).scalars().all()
        assert len(told) == 30
        signalled = banks.open_signals(session, session.get_one(ItemVersionRow, version_id).item_id)
        assert signalled and signalled.signals == (Signal.HARD,)
        told_of = usage(session, [version_id])[version_id]
        assert (told_of.papers, told_of.statistics.answers) == (2, 2)
        assert {one.person_id for one in told} == {queries.authors_of_items(session, [version_id])[version_id][0]}


def test_the_author_of_an_own_item_is_who_wrote_it(hall: Hall) -> None:
    desk = make_desk(hall.land)
    version_id = publish(desk, typed_item())
    with reading() as session:
        assert queries.authors_of_items(session, [version_id])[version_id][0] == desk.author.person_id


def test_the_sweep_queues_an_exam_with_new_scores_once_more_only(hall: Hall) -> None:
    assert service.queue_figures(now=LATER) == 0
    sit(hall, make_candidate(hall), 10)
    assert service.queue_figures(now=LATER) == 1
    with reading() as session:
        assert session.execute(select(func.count()).where(jobs.JobRow.kind == service.FIGURES_JOB)).scalar_one() == 1
    count(hall)
    assert service.queue_figures(now=LATER) == 0
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ExamItemFigureRow)).scalar_one() == 30


def queued(now: datetime) -> set[UUID]:
    """The exams of which a sweep at a moment asks for a count; their jobs end without one."""
    service.queue_figures(now=now)
    with unit_of_work() as session:
        asked = jobs.JobRow.kind == service.FIGURES_JOB, jobs.JobRow.created_at == now
        found = {UUID(one["exam_id"]) for one in session.execute(select(jobs.JobRow.payload).where(*asked)).scalars()}
        session.execute(update(jobs.JobRow).where(*asked).values(state="failed", finished_at=now))
        return found


def test_an_exam_whose_count_waits_is_not_queued_again(hall: Hall) -> None:
    sit(hall, make_candidate(hall), 10)
    assert [service.queue_figures(now=LATER + number * timedelta(minutes=5)) for number in range(3)] == [1, 0, 0]


def test_exams_that_do_not_fit_in_a_sweep_are_counted_by_later_ones(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.exams.service.analysis.EXAMS_AT_ONCE", 1)
    halls = (hall, make_hall(), make_hall())
    seen: list[UUID] = []
    for start in (LATER, LATER + timedelta(hours=1)):
        for one in halls:  # never counted at first, then counted before
            sit(one, make_candidate(one, "安"), 20, now=start - timedelta(minutes=30))
        for turn in range(4):
            now = start + timedelta(minutes=5 * turn)
            for exam_id in queued(now):
                service.count_figures(exam_id, until=now, now=now)
                seen.append(exam_id)
    assert sorted(seen) == sorted([one.exam_id for one in halls] * 2)


def test_an_exam_whose_count_failed_is_asked_for_until_it_is_counted(hall: Hall) -> None:
    other = make_hall()
    for one in (hall, other):
        sit(one, make_candidate(one, "安"), 20)
        service.count_figures(one.exam_id, until=NOW + timedelta(hours=1), now=NOW + timedelta(hours=1))
        sit(one, make_candidate(one, "白"), 20, now=NOW + timedelta(minutes=80))
    assert queued(LATER) == {hall.exam_id, other.exam_id}
    service.count_figures(other.exam_id, until=LATER, now=LATER)
    for days in range(4):
        assert queued(LATER + timedelta(days=days, minutes=5)) == {hall.exam_id}


def test_figures_without_newer_results_go_along_and_keep_what_is_new(hall: Hall) -> None:
    """Else each sweep would look through all results since the exam that was counted the longest ago."""
    sit(hall, make_candidate(hall, "安"), 20)
    count(hall)
    later = LATER + timedelta(days=30)
    assert queued(later) == set()
    with reading() as session:
        assert queries.counted_until(session) == later
    sit(hall, make_candidate(hall, "白"), 20, now=later + timedelta(minutes=1))
    assert queued(later + timedelta(minutes=5)) == {hall.exam_id}


def test_a_count_that_took_longer_leaves_what_a_later_one_found(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    sit(hall, make_candidate(hall, "先考"), 20)
    until, real, overtaken = NOW + timedelta(minutes=1), queries.items, []

    def slow(*arguments: object) -> object:
        if not overtaken:
            overtaken.append(True)
            sit(hall, make_candidate(hall, "后考"), 10, now=NOW + timedelta(minutes=2))
            count(hall)
        return real(*arguments)

    monkeypatch.setattr(queries, "items", slow)
    service.count_figures(hall.exam_id, until=until, now=LATER)
    assert overtaken
    with reading() as session:
        assert queries.unit_figures(session, hall.exam_id, "/").persons == 2
        assert queries.counted_until(session) == LATER
