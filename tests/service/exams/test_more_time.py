"""More time for open attempts: asked by one person, confirmed by another, given once, and to nobody whose time is over."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AllowanceRequestRow, AllowanceRow, AttemptRow
from lms.exams.service import board
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person

LATER = NOW + timedelta(minutes=50)
FIVE = timedelta(minutes=5)


@pytest.fixture
def asker(hall: Hall) -> UUID:
    return make_person(hall.land.national, "监考甲", now=NOW).person_id


@pytest.fixture
def second(hall: Hall) -> UUID:
    return make_person(hall.land.national, "监考乙", now=NOW).person_id


def begin(hall: Hall, person: Principal, at: datetime = NOW) -> UUID:
    return service.start_or_resume(hall.exam_id, person.person_id, now=at, seed=1).attempt_id


def deadline(attempt_id: UUID) -> datetime:
    with reading() as session:
        return session.execute(select(AttemptRow.deadline).where(AttemptRow.id == attempt_id)).scalar_one()


def test_nothing_changes_before_a_second_person_confirms_and_then_saves_count_until_the_new_end(
    hall: Hall, candidate: Principal, asker: UUID, second: UUID, tmp_path: Path
) -> None:
    attempt_id = begin(hall, candidate)
    end = deadline(attempt_id)
    request_id = service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=LATER)
    assert deadline(attempt_id) == end
    with pytest.raises(service.NotDecidable, match="另一位"):
        service.decide_more_time(request_id, approve=True, by=asker, reach=EVERYWHERE, now=LATER)
    assert service.decide_more_time(request_id, approve=True, by=second, reach=EVERYWHERE, now=LATER) == 1
    assert deadline(attempt_id) == end + FIVE
    service.save_answer(attempt_id, candidate.person_id, 1, SaveKey(1, 1), [], received_at=end + FIVE)
    assert service.submit_overdue(now=end + timedelta(minutes=4)) == 0
    assert service.submit_overdue(now=end + FIVE + timedelta(seconds=4)) == 1
    with pytest.raises(service.NotDecidable, match="处理过"):
        service.decide_more_time(request_id, approve=True, by=second, reach=EVERYWHERE, now=LATER)
    audit.seal_all(tmp_path / "heads", now=LATER)
    assert audit.verify(tmp_path / "heads", now=LATER).findings == []


def test_more_time_for_all_is_for_whoever_is_at_work_at_the_moment_of_the_decision(
    hall: Hall, asker: UUID, second: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "AT_ONCE", 2)
    people = [make_candidate(hall, f"考生{number}") for number in range(7)]
    open_ones = [begin(hall, one) for one in people[:5]]
    service.submit(open_ones[0], people[0].person_id, now=LATER)
    over = begin(hall, people[5], NOW - timedelta(minutes=20))
    ends = {one: deadline(one) for one in [*open_ones, over]}
    request_id = service.ask_more_time(hall.exam_id, None, 10, "网络中断", by=asker, reach=EVERYWHERE, now=LATER)
    assert service.decide_more_time(request_id, approve=True, by=second, reach=EVERYWHERE, now=LATER) == 4
    late = begin(hall, people[6], LATER + timedelta(minutes=1))
    board.carry_out(request_id, now=LATER + timedelta(minutes=2))
    moved = {one: deadline(one) - end for one, end in ends.items()}
    assert [moved[one] for one in open_ones] == [timedelta(0), *[2 * FIVE] * 4]
    assert moved[over] == timedelta(0)
    assert deadline(late) == LATER + timedelta(minutes=61)


def test_what_a_process_left_half_done_is_finished_and_nobody_gets_it_twice(
    hall: Hall, asker: UUID, second: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = [begin(hall, make_candidate(hall, f"考生{number}")) for number in range(3)]
    ends = [deadline(one) for one in attempts]
    request_id = service.ask_more_time(hall.exam_id, None, 5, "网络中断", by=asker, reach=EVERYWHERE, now=LATER)
    monkeypatch.setattr(board, "AT_ONCE", 1)
    give, done = board._give, []

    def dies_after_the_first(*args: object) -> None:
        if done:
            raise RuntimeError("killed")
        done.append(1)
        give(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(board, "_give", dies_after_the_first)
    with pytest.raises(RuntimeError):
        service.decide_more_time(request_id, approve=True, by=second, reach=EVERYWHERE, now=LATER)
    monkeypatch.setattr(board, "_give", give)
    assert service.carry_out_confirmed(now=LATER) == 2
    assert service.carry_out_confirmed(now=LATER) == 0
    assert [deadline(one) - end for one, end in zip(attempts, ends, strict=True)] == [FIVE] * 3


def test_declined_lapsed_and_meant_for_nobody(hall: Hall, candidate: Principal, asker: UUID, second: UUID) -> None:
    with pytest.raises(service.NobodyAtWork):
        service.ask_more_time(hall.exam_id, None, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    attempt_id = begin(hall, candidate)
    end = deadline(attempt_id)
    first = service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    assert service.decide_more_time(first, approve=False, by=second, reach=EVERYWHERE, now=NOW) == 0
    stale = service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    with pytest.raises(service.NotDecidable, match="15 分钟"):
        service.decide_more_time(stale, approve=True, by=second, reach=EVERYWHERE, now=NOW + timedelta(minutes=16))
    last = service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    service.submit(attempt_id, candidate.person_id, now=NOW)
    with pytest.raises(service.NobodyAtWork):
        service.decide_more_time(last, approve=True, by=second, reach=EVERYWHERE, now=NOW)
    assert deadline(attempt_id) == end


@pytest.mark.parametrize(("minutes", "reason"), [(7, "停电"), (0, "停电"), (5, ""), (5, "长" * 201)])
def test_odd_minutes_and_a_missing_reason_are_refused(
    hall: Hall, candidate: Principal, asker: UUID, minutes: int, reason: str
) -> None:
    begin(hall, candidate)
    with pytest.raises(Invalid):
        service.ask_more_time(hall.exam_id, None, minutes, reason, by=asker, reach=EVERYWHERE, now=NOW)
    with pytest.raises(NotFound):
        service.ask_more_time(hall.exam_id, ids.new_id(), 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)


def test_the_database_itself_asks_for_two_persons_and_keeps_what_was_asked(
    hall: Hall, candidate: Principal, asker: UUID, second: UUID
) -> None:
    attempt_id = begin(hall, candidate)
    request_id = service.ask_more_time(hall.exam_id, attempt_id, 5, "停电", by=asker, reach=EVERYWHERE, now=NOW)
    mine = update(AllowanceRequestRow).where(AllowanceRequestRow.id == request_id)
    for changes in (
        {"state": "confirmed", "decided_by": asker, "decided_at": NOW},
        {"minutes": 30},
        {"state": "done", "decided_by": second, "decided_at": NOW},
    ):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(mine.values(**changes))
    service.decide_more_time(request_id, approve=True, by=second, reach=EVERYWHERE, now=NOW)
    with reading() as session:
        row = dict(session.execute(select(AllowanceRow.__table__)).mappings().one())
    again = row | {"id": ids.new_id(), "ran_until": row["deadline"], "deadline": row["deadline"] + FIVE}
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(insert(AllowanceRow.__table__).values(**again))
