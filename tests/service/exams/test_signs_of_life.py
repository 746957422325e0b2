"""Signs of life of an attempt's page: what is kept of them, what the page learns by them, and which page may give them."""

from datetime import timedelta
from uuid import UUID

import pytest

from lms.accounts.events import personal_data
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.domain.watching import Kind, Seat
from lms.exams.service import PageEvent, pulse
from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person

HOME, HOME_TOO, AWAY = "10.1.2.3", "10.1.2.77", "172.16.0.9"


@pytest.fixture
def attempt_id(hall: Hall, candidate: Principal) -> UUID:
    return service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=7).attempt_id


@pytest.fixture
def beat(attempt_id: UUID, candidate: Principal):
    def send(*told: PageEvent, after: int = 10, epoch: int = 1, known: int = 0, address: str = HOME):
        at = NOW + timedelta(seconds=after)
        return service.take_pulse(
            attempt_id, candidate.person_id, epoch=epoch, told=told, known=known, address=address, now=at
        )

    return send


def kinds(attempt_id: UUID) -> list[tuple[str, int | None]]:
    with reading() as session:
        return sorted((one.kind.value, one.amount) for one in queries.told(session, attempt_id))


def test_what_a_page_tells_is_kept_once_however_often_it_is_sent(attempt_id: UUID, beat) -> None:
    told = PageEvent(1, Kind.PASTE, 12), PageEvent(2, Kind.AWAY, 30)
    beat(*told)
    beat(*told, PageEvent(3, Kind.AWAY, 4), after=20)
    assert kinds(attempt_id) == [("away", 4), ("away", 30), ("paste", 12)]


def test_another_network_and_another_page_are_noticed_a_neighbouring_address_is_not(
    hall: Hall, candidate: Principal, attempt_id: UUID, beat
) -> None:
    beat()
    beat(address=HOME_TOO, after=20)
    assert kinds(attempt_id) == []
    service.open_again(attempt_id, candidate.person_id, now=NOW)
    beat(epoch=2, address=AWAY, after=30)
    beat(epoch=2, address=AWAY, after=40)
    assert kinds(attempt_id) == [("network", None), ("reopened", None)]


def test_the_older_page_is_told_and_so_is_a_page_whose_time_is_over(
    hall: Hall, candidate: Principal, attempt_id: UUID, beat
) -> None:
    service.open_again(attempt_id, candidate.person_id, now=NOW)
    for changes, code in (
        ({}, "opened_elsewhere"),
        ({"epoch": 3}, "unknown_epoch"),
        ({"epoch": 2, "after": 3604}, "late"),
    ):
        with pytest.raises(service.SaveRefused) as refused:
            beat(**changes)
        assert refused.value.code == code
    service.submit(attempt_id, candidate.person_id, now=NOW)
    with pytest.raises(service.SaveRefused) as refused:
        beat(epoch=2)
    assert refused.value.code == "closed"
    with pytest.raises(NotFound):
        service.take_pulse(
            attempt_id, make_candidate(hall, "旁人").person_id, epoch=2, told=(), known=0, address=HOME, now=NOW
        )


def test_messages_to_one_and_to_all_reach_whom_they_are_for_and_only_while_they_are_news(
    hall: Hall, candidate: Principal, attempt_id: UUID, beat
) -> None:
    other = make_candidate(hall, "邻座")
    others = service.start_or_resume(hall.exam_id, other.person_id, now=NOW, seed=8).attempt_id
    by = make_person(hall.land.national, "监考", now=NOW).person_id
    assert beat().messages is None
    service.tell(hall.exam_id, attempt_id, "请坐好", by=by, reach=EVERYWHERE, now=NOW + timedelta(seconds=11))
    service.tell(hall.exam_id, None, "还有十分钟", by=by, reach=EVERYWHERE, now=NOW + timedelta(seconds=12))
    service.tell(hall.exam_id, others, "给邻座的", by=by, reach=EVERYWHERE, now=NOW + timedelta(seconds=13))
    assert [(one.text, one.to_all) for one in beat(after=20).messages] == [("请坐好", False), ("还有十分钟", True)]
    assert beat(after=30, known=2).messages is None
    late = service.start_or_resume(
        hall.exam_id, make_candidate(hall, "晚到").person_id, now=NOW + timedelta(minutes=1), seed=9
    )
    with reading() as session:
        assert queries.messages(session, late.attempt_id) == ()


def test_there_is_an_end_to_what_a_page_may_tell(attempt_id: UUID, beat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "MOST_EVENTS", 5)
    for turn in range(4):
        beat(*[PageEvent(turn * 2 + number, Kind.PASTE, 1) for number in (1, 2)], after=turn)
    assert len(kinds(attempt_id)) == 5


def test_the_board_counts_and_lists_who_is_silent_answering_and_done(hall: Hall, candidate: Principal, beat) -> None:
    silent, saver, done = (make_candidate(hall, name) for name in ("没声音", "只保存", "已交卷"))
    ids_ = {
        one.person_id: service.start_or_resume(hall.exam_id, one.person_id, now=NOW, seed=3).attempt_id
        for one in (silent, saver, done)
    }
    now = NOW + timedelta(seconds=100)
    beat(after=90)
    for seq, value in enumerate((["o1"], [], ["o2"]), start=1):
        service.save_answer(ids_[saver.person_id], saver.person_id, 1, SaveKey(1, seq), value, received_at=now)
    service.save_answer(ids_[saver.person_id], saver.person_id, 2, SaveKey(1, 9), [], received_at=now)
    service.submit(ids_[done.person_id], done.person_id, now=now)
    make_candidate(hall, "没来")
    with reading() as session:
        counted = queries.counts(session, hall.exam_id, hall.class_id, now=now)
        listed = queries.candidates(session, hall.exam_id, show=None, after=None, limit=50, now=now)
        shown = {
            seat: [
                one.name for one in queries.candidates(session, hall.exam_id, show=seat, after=None, limit=50, now=now)
            ]
            for seat in Seat
        }
        rest = queries.candidates(session, hall.exam_id, show=None, after=listed[1].attempt_id, limit=50, now=now)
    assert counted == queries.Counts(enrolled=5, begun=4, answering=2, silent=1, handed_in=1)
    assert {one.name: (one.seat.value, one.answered) for one in listed} == {
        candidate.name: ("answering", 0),
        "没声音": ("silent", 0),
        "只保存": ("answering", 1),
        "已交卷": ("handed_in", 0),
    }
    assert sum(map(len, shown.values())) == 4 and all(
        one.seat is seat for seat in Seat for one in listed if one.name in shown[seat]
    )
    assert [one.name for one in rest] == [one.name for one in listed[2:]]


def test_what_was_told_is_forgotten_after_half_a_year_and_not_before(attempt_id: UUID, beat) -> None:
    beat(PageEvent(1, Kind.PASTE, 1), after=0)
    assert service.forget_events(now=NOW + pulse.EVENTS_KEPT) == 0
    assert service.forget_events(now=NOW + pulse.EVENTS_KEPT + timedelta(seconds=1)) == 2
    assert kinds(attempt_id) == []


def test_the_copy_of_ones_data_holds_what_was_recorded(attempt_id: UUID, candidate: Principal, beat) -> None:
    beat(PageEvent(1, Kind.AWAY, 30))
    with reading() as session:
        answers = personal_data.send(None, session=session, person_id=candidate.person_id)
    copy = dict(part for _listener, part in answers if part)["exams"]
    assert copy[0]["recorded"] == [{"what": "away", "amount": 30, "at": NOW + timedelta(seconds=10)}]
