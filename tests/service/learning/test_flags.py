"""Odd watching is noticed once, told to the person, decided by a human; nobody's hours change by it."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.hours import queries as hours
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Forbidden, Invalid, NotFound
from lms.learning import service
from lms.learning.domain.beats import Beat
from lms.learning.domain.suspicion import Ground
from lms.learning.events import ReversalProposed, reversal_proposed
from lms.learning.models import LeaseRow, WatchFlagRow, WatchOriginRow
from lms.learning.queries import flags as queries
from lms.learning.service import flags
from lms.notices import queries as messages
from tests.factories import learning
from tests.factories.hands import hand_code
from tests.factories.learning import NOW, Course, School

MORNING = NOW  # 16:00 in China


def watch(
    person_id: UUID, course: Course, at: datetime, *, address: str = "", device: str = "d", gaps: int = 0
) -> UUID:
    """A lease opened and ended, with beats exactly 15 seconds apart."""
    lease = service.open_lease(course.lecture_ids[0], person_id=person_id, enrolment_id=None, now=at, rng=Random(1))
    flags.note_origin(lease.lease_id, person_id, address=address or "10.0.0.1", device=device, now=at)
    for n in range(gaps):
        at += timedelta(seconds=15)
        service.take_beat(lease.lease_id, Beat(n + 1, [], 0, 1.0, True, n == gaps - 1), now=at)
    if not gaps:
        service.revoke_leases(person_id=person_id, now=at + timedelta(seconds=30))
    return lease.lease_id


def beat(person_id: UUID, course: Course, at: datetime) -> datetime:
    """A live lease with beats of a timer. Returns when the last one was."""
    lease = service.open_lease(course.lecture_ids[0], person_id=person_id, enrolment_id=None, now=at, rng=Random(1))
    for n in range(121):
        at += timedelta(seconds=15)
        service.take_beat(lease.lease_id, Beat(n + 1, [], 0, 1.0, True, False), now=at)
    return at


def grounds(person_id: UUID) -> set[Ground]:
    with reading() as session:
        return {one.ground for one in queries.own_flags(session, person_id)}


def test_beats_of_a_timer_are_noticed_once_and_nothing_is_taken_away(
    school: School, course: Course, learner: UUID
) -> None:
    lease_id = watch(learner, course, MORNING, gaps=121)
    later = MORNING + timedelta(hours=2)
    assert flags.look(now=later) == 1
    assert flags.look(now=later + timedelta(minutes=10)) == 0
    assert grounds(learner) == {Ground.REGULAR_BEATS}
    with reading() as session:
        told = messages.page(session, learner, limit=5).notices
    assert [one.title for one in told] == ["您的学习记录有一条提示"]
    with reading() as session:
        assert session.get(LeaseRow, lease_id).state == "ended"  # type: ignore[union-attr]
        assert hours.entries_of(session, learner) == ()


def test_many_networks_and_many_people_in_one_browser_are_noticed(
    school: School, course: Course, learner: UUID
) -> None:
    for n in range(6):
        watch(learner, course, MORNING + timedelta(minutes=5 * n), address=f"10.{n}.0.1", device="own")
    shared = [learning.add_person(school.unit_id, f"同事{n}") for n in range(5)]
    for n, one in enumerate(shared):
        watch(one, course, MORNING + timedelta(minutes=n), device="office")
    flags.look(now=MORNING + timedelta(hours=2))
    assert grounds(learner) == {Ground.MANY_NETWORKS}
    assert [grounds(one) for one in shared] == [{Ground.SHARED_DEVICE}] * 5


def test_neighbours_in_one_network_are_one(school: School, course: Course, learner: UUID) -> None:
    for n in range(8):
        watch(learner, course, MORNING + timedelta(minutes=5 * n), address=f"10.0.0.{n}")
    assert flags.look(now=MORNING + timedelta(hours=2)) == 0


def test_neither_address_nor_device_stands_in_the_database(school: School, course: Course, learner: UUID) -> None:
    watch(learner, course, MORNING, address="203.0.113.9", device="secret-device")
    with reading() as session:
        row = session.execute(select(WatchOriginRow)).scalar_one()
    assert "203" not in row.network_mark[:4] and row.device_mark != "secret-device" and len(row.device_mark) == 32
    assert flags.forget_origins(now=MORNING + timedelta(days=179)) == 0
    assert flags.forget_origins(now=MORNING + timedelta(days=181)) == 1


def test_a_day_of_more_than_sixteen_hours_is_noticed(school: School, course: Course, learner: UUID) -> None:
    lease = service.open_lease(course.lecture_ids[0], person_id=learner, enrolment_id=None, now=MORNING, rng=Random(1))
    morning = MORNING.replace(hour=0)  # 8:00 in China, to midnight; then a second one before
    with unit_of_work() as session:
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.id == lease.lease_id)
            .values(opened_at=morning - timedelta(hours=7), ended_at=morning + timedelta(hours=10), state="ended")
        )
    flags.look(now=morning + timedelta(hours=11))
    with reading() as session:
        (flag,) = queries.own_flags(session, learner)
    assert (flag.ground, flag.evidence) == (Ground.LONG_DAY, {"hours": 17.0})


def colleagues(school: School, course: Course, count: int) -> list[UUID]:
    """So many others who watch at the same time."""
    found = [learning.add_person(school.unit_id, f"同事{n}") for n in range(count)]
    for one in found:
        beat(one, course, MORNING)
    return found


def test_of_many_leases_that_end_in_one_moment_none_is_skipped(
    school: School, course: Course, learner: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flags, "BATCH", 3)
    people = [learner, *colleagues(school, course, 6)]
    beat(learner, course, MORNING)
    flags.look(now=MORNING)
    service.revoke_leases(asset_id=course.asset_ids[0], now=MORNING + timedelta(minutes=31))  # the lecture is suspended
    assert flags.look(now=MORNING + timedelta(hours=2)) == len(people)
    assert [grounds(one) for one in people] == [{Ground.REGULAR_BEATS}] * len(people)


def test_a_look_that_was_interrupted_goes_on_within_the_moment(
    school: School, course: Course, learner: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flags, "BATCH", 2)
    people = [learner, *colleagues(school, course, 4)]
    beat(learner, course, MORNING)
    service.revoke_leases(asset_id=course.asset_ids[0], now=MORNING + timedelta(minutes=31))
    later, findings, seen = MORNING + timedelta(hours=2), flags._findings, []

    def dying(person_id: UUID, day: date) -> list[flags.Found]:
        if len(seen) == 3:
            raise SystemExit
        seen.append(person_id)
        return findings(person_id, day)

    with monkeypatch.context() as patched:
        patched.setattr(flags, "_findings", dying)
        with pytest.raises(SystemExit):
            flags.look(now=later)
    assert flags.look(now=later) == len(people) - 3
    assert [grounds(one) for one in people] == [{Ground.REGULAR_BEATS}] * len(people)


def test_what_expires_late_ends_behind_no_look(school: School, course: Course, learner: UUID) -> None:
    """While the workers were down nobody closed the lease; its end lies 12 minutes after its last beat all the same."""
    at = beat(learner, course, MORNING)
    other = learning.add_person(school.unit_id, "同事")
    watch(other, course, MORNING, gaps=121)
    later = at + timedelta(hours=1)
    flags.look(now=later)
    assert grounds(other) == {Ground.REGULAR_BEATS}, "what ended before is looked at meanwhile"
    assert service.expire_silent_leases(now=later + timedelta(seconds=30)) == 1
    assert flags.look(now=later + timedelta(minutes=10)) == 1
    assert grounds(learner) == {Ground.REGULAR_BEATS}


@pytest.fixture
def flag_id(school: School, course: Course, learner: UUID) -> UUID:
    watch(learner, course, MORNING, gaps=121)
    flags.look(now=MORNING + timedelta(hours=2))
    with reading() as session:
        return session.execute(select(WatchFlagRow.id)).scalar_one()


def test_a_human_of_the_unit_decides_once_and_proposals_are_only_announced(
    school: School, learner: UUID, flag_id: UUID
) -> None:
    tutor = Staff(learning.add_person(school.unit_id, "班主任"), (school.unit_path,))
    stranger = Staff(learning.add_person(school.unit_id, "外省"), ("/elsewhere/",))
    heard: list[ReversalProposed] = []

    def hear(_sender: object, event: ReversalProposed) -> None:
        heard.append(event)

    decide = {"decision": "propose_reversal", "reason": "本人承认使用脚本", "now": MORNING + timedelta(days=1)}
    with pytest.raises(NotFound):
        flags.decide(flag_id, by=stranger, **decide)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        flags.decide(flag_id, by=Staff(learner, (school.unit_path,)), **decide)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        flags.decide(flag_id, by=tutor, decision="void", reason="不存在的结论", now=MORNING)
    with reversal_proposed.connected_to(hear):
        flags.decide(flag_id, by=tutor, **decide)  # type: ignore[arg-type]
        with pytest.raises(flags.Decided):
            flags.decide(flag_id, by=tutor, **decide)  # type: ignore[arg-type]
    assert [(one.person_id, one.proposed_by) for one in heard] == [(learner, tutor.person_id)]


def test_an_objection_is_answered_and_one_waits_at_a_time(school: School, learner: UUID, flag_id: UUID) -> None:
    tutor = Staff(learning.add_person(school.unit_id, "班主任"), (school.unit_path,))
    somebody = learning.add_person(school.unit_id, "别人")
    later = MORNING + timedelta(hours=3)
    with pytest.raises(NotFound):
        flags.object_to(flag_id, person_id=somebody, text="不是我的", now=later)
    objection = flags.object_to(flag_id, person_id=learner, text="电脑自动播放，本人在场", now=later)
    with pytest.raises(flags.Unanswered):
        flags.object_to(flag_id, person_id=learner, text="再说一遍", now=later)
    with reading() as session:
        assert [one.objected for one in queries.waiting(session, tutor.scopes)] == [True]
    flags.decide(flag_id, decision="no_concern", reason="情况属实", by=tutor, now=later)
    with reading() as session:
        assert len(queries.waiting(session, tutor.scopes)) == 1, "the objection still waits"
    flags.answer(flag_id, objection, text="已核实，学时不变", by=tutor, now=later)
    with pytest.raises(flags.Decided):
        flags.answer(flag_id, objection, text="再答一遍", by=tutor, now=later)
    with reading() as session:
        assert queries.waiting(session, tutor.scopes) == ()


def test_an_objection_against_a_decision_is_answered_by_somebody_else(
    school: School, learner: UUID, flag_id: UUID
) -> None:
    tutor, another = (Staff(learning.add_person(school.unit_id, n), (school.unit_path,)) for n in ("班主任", "管理员"))
    later = MORNING + timedelta(hours=3)
    flags.decide(flag_id, decision="talk", reason="请说明情况", by=tutor, now=later)
    objection = flags.object_to(flag_id, person_id=learner, text="本人一直在场", now=later + timedelta(hours=1))
    answer = {"text": "已另行核实", "now": later + timedelta(hours=2)}
    with pytest.raises(flags.OwnDecision):
        flags.answer(flag_id, objection, by=tutor, **answer)  # type: ignore[arg-type]
    made = Staff(learning.add_person(school.unit_id, "新来的"), (school.unit_path,))
    hand_code(tutor.person_id, made.person_id, at=later)
    with pytest.raises(InOneHand):
        flags.answer(flag_id, objection, text="已另行核实", by=made, now=later + timedelta(hours=2))
    flags.answer(flag_id, objection, by=another, **answer)  # type: ignore[arg-type]
    with reading() as session:
        assert queries.waiting(session, tutor.scopes) == ()
