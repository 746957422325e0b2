"""A classroom credits everybody who sat in it what played while they were there, once, as concentrated training."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import memberships, states
from lms.accounts.service.second_person import InOneHand
from lms.hours import queries as hours
from lms.infra.db import reading, unit_of_work
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from lms.kernel.scope import EVERYWHERE
from lms.learning import queries, service
from lms.learning.models import ClassroomAttendanceRow, ClassroomSheetRow, LeaseRow
from lms.learning.queries import classrooms, classroomsheets
from lms.learning.service import classroom
from lms.learning.service.classroom import crediting
from lms.learning.service.classroom.correcting import SignedIt
from lms.learning.service.classroom.refusals import (
    CodeRefused,
    HoldsAnother,
    HostByList,
    NotOfThisRoom,
    OnTheSheet,
    RoomFull,
    RoomOver,
    SheetChanged,
    StillTheHosts,
)
from lms.learning.service.classroom.screen import ScreenOver
from lms.organisations import queries as organisations, service as units
from tests.factories import learning
from tests.factories.classrooms import MINUTE_CODES, Room, open_room
from tests.factories.hands import hand_code
from tests.factories.learning import NOW, Course, School
from tests.factories.together import beside


@pytest.fixture
def room(school: School, course: Course) -> Room:
    return open_room(school, course)


def sha_of(room: Room) -> str:
    with reading() as session:
        sheet = classroomsheets.sheet(session, room.id)
    assert sheet
    return sheet.sha256


def finish(room: Room) -> None:
    """Ends, signs and credits."""
    room.end()
    room.sign(sha256=sha_of(room))
    classroom.credit_session(room.id, now=room.later(5))


def covered(person_id: UUID, course: Course) -> int:
    with reading() as session:
        return queries.progress(session, person_id, course.asset_ids[0]).covered_ms


@pytest.mark.parametrize("how", ["closed", "merged"])
def test_no_room_is_opened_at_a_unit_that_is_no_more(school: School, course: Course, how: str) -> None:
    with reading() as session:
        home = organisations.unit(session, school.unit_id)
    assert home.parent_id
    gone = units.add_unit(parent_id=home.parent_id, name="将撤单位工会", kind="unit", reach=EVERYWHERE, now=NOW)
    act = units.Act(None, "调整", NOW, reach=EVERYWHERE)
    if how == "merged":
        units.merge(gone.id, home.id, act)
    else:
        units.close(gone.id, act)
    host = learning.add_person(school.unit_id, "班主任")
    plan = classroom.RoomPlan(course.lecture_ids[0], None, gone.id, "三楼", 100)
    with pytest.raises(Invalid) as refused:
        classroom.open_room(plan, by=Staff(host, EVERYWHERE), now=NOW)
    assert list(refused.value.fields) == ["unit_id"]


def test_everybody_gets_what_played_while_they_were_there(school: School, course: Course, room: Room) -> None:
    early, late, gone = (learning.add_person(school.unit_id, name) for name in ("早到", "晚到", "早退"))
    room.sign_in(early)
    leaving = room.sign_in(gone)
    room.play(20)
    room.sign_in(late)
    room.play(20)
    classroom.sign_out(leaving, person_id=gone, now=room.now)
    room.play(20)
    assert covered(early, course) == 0, "nothing counts before the sheet is signed"
    finish(room)
    assert [covered(one, course) for one in (early, late, gone)] == [60_000, 40_000, 40_000]
    with reading() as session:
        assert course.id in queries.completions(session, early, [course.id])
        assert not queries.completions(session, late, [course.id])
        (entry,) = hours.entries_of(session, early)
    assert (entry.ledger, entry.hours) == ("centralized", 400)


def test_crediting_twice_and_after_a_death_in_the_middle_credits_once(
    school: School, course: Course, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [learning.add_person(school.unit_id, f"学员{n}") for n in range(4)]
    for one in people:
        room.sign_in(one)
    room.play(60)
    room.end()
    room.sign(sha256=sha_of(room))
    given, real = [], crediting.complete_course

    def dies_at_the_third(*arguments: object, **named: object) -> bool:
        given.append(arguments[1])
        if len(given) == 3:
            raise KeyboardInterrupt
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(crediting, "complete_course", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        classroom.credit_session(room.id, now=room.later(5))
    assert sorted(covered(one, course) for one in people) == [0, 0, 60_000, 60_000]
    monkeypatch.undo()
    assert classroom.credit_session(room.id, now=room.later(5)) == 2
    assert classroom.credit_session(room.id, now=room.later(5)) == 0
    with reading() as session:
        for one in people:
            assert len(hours.entries_of(session, one)) == 1
        paid = session.execute(select(LeaseRow.credited_ms)).scalars().all()
    assert list(paid) == [60_000] * 4


def test_two_workers_at_once_credit_once(school: School, course: Course, room: Room) -> None:
    people = [learning.add_person(school.unit_id, f"学员{n}") for n in range(6)]
    for one in people:
        room.sign_in(one)
    room.play(60)
    room.end()
    room.sign(sha256=sha_of(room))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: classroom.credit_session(room.id, now=room.now), range(2)))
    assert sum(done) == 6
    with reading() as session:
        assert {len(hours.entries_of(session, one)) for one in people} == {1}


def test_what_was_watched_before_adds_nothing_and_what_is_missing_is_filled(
    school: School, course: Course, room: Room
) -> None:
    person = learning.add_person(school.unit_id)
    service.import_progress(person, course.lecture_ids[0], enrolment_id=None, now=NOW)
    room.sign_in(person)
    room.play(60)
    finish(room)
    with reading() as session:
        (one,) = classrooms.own_attendances(session, person)
        assert one.credited_ms == 0 and len(hours.entries_of(session, person)) == 1


def test_playing_elsewhere_leaves_the_room_and_signing_in_stops_the_other_page(
    school: School, course: Course, room: Room
) -> None:
    person = learning.add_person(school.unit_id)
    alone = service.open_lease(course.lecture_ids[0], person_id=person, enrolment_id=None, now=room.now, rng=Random(1))
    room.later(10)
    room.sign_in(person)
    room.play(15)
    service.open_lease(course.lecture_ids[0], person_id=person, enrolment_id=None, now=room.now, rng=Random(1))
    room.play(15)
    finish(room)
    with reading() as session:
        states = dict(session.execute(select(LeaseRow.id, LeaseRow.state)).all())
        (sheet_line,) = classroomsheets.sheet(session, room.id).people  # type: ignore[union-attr]
    assert states[alone.lease_id] == "superseded"
    assert (sheet_line.left_at - sheet_line.came_at) == timedelta(seconds=15)
    assert covered(person, course) == 15_000


def test_the_list_and_the_code_in_the_same_moment_sign_in_once(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    digits = room.code()

    def come(way: str) -> UUID:
        if way == "list":
            return room.sign_in(person)
        return classroom.sign_in_by_code(digits, person_id=person, policy=MINUTE_CODES, now=room.now)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(come, ["list", "code", "code", "list"]))
    assert len(found) == 1


def test_a_code_is_good_for_its_minute_and_the_next(school: School, course: Course, room: Room) -> None:
    people = [learning.add_person(school.unit_id, f"学员{n}") for n in range(3)]
    room.now = NOW.replace(second=0)
    digits = room.code()
    for person, after, taken in zip(people, (30, 119, 120), (True, True, False), strict=True):
        at = NOW.replace(second=0) + timedelta(seconds=after)
        if taken:
            classroom.sign_in_by_code(f" {digits[:3]} {digits[3:]}", person_id=person, policy=MINUTE_CODES, now=at)
        else:
            with pytest.raises(CodeRefused):
                classroom.sign_in_by_code(digits, person_id=person, policy=MINUTE_CODES, now=at)


def test_guessing_codes_ends_after_ten_tries(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    right = room.code()
    for n in range(10):
        wrong = f"{(int(right) + n + 1) % 10**6:06}"
        with pytest.raises(CodeRefused):
            classroom.sign_in_by_code(wrong, person_id=person, policy=MINUTE_CODES, now=room.now)
    with pytest.raises(TooMany):
        classroom.sign_in_by_code(right, person_id=person, policy=MINUTE_CODES, now=room.now)


def test_a_code_of_a_room_that_is_not_for_them_is_as_good_as_none(school: School, course: Course, room: Room) -> None:
    stranger = learning.add_person(_other_unit(school), "外单位的人")
    with pytest.raises(CodeRefused):
        classroom.sign_in_by_code(room.code(), person_id=stranger, policy=MINUTE_CODES, now=room.now)
    with pytest.raises(NotOfThisRoom):
        room.sign_in(stranger)


def test_a_room_of_a_class_is_for_its_learners(school: School, course: Course) -> None:
    class_id = learning.add_class(school, [course])
    room = open_room(school, course, class_id=class_id)
    inside, outside, left = (learning.add_person(school.unit_id, name) for name in ("本班", "不在班", "已退班"))
    enrolment_id = learning.add_enrolment(class_id, inside)
    learning.add_enrolment(class_id, left, state="withdrawn")
    classroom.sign_in_by_code(room.code(), person_id=inside, policy=MINUTE_CODES, now=room.now)
    for one in (outside, left):
        with pytest.raises(NotOfThisRoom):
            room.sign_in(one)
        with pytest.raises(CodeRefused):
            classroom.sign_in_by_code(room.code(), person_id=one, policy=MINUTE_CODES, now=room.now)
    with reading() as session:
        assert session.execute(select(LeaseRow.enrolment_id)).scalars().all() == [enrolment_id]


def test_only_the_host_signs_in_and_out_and_ends(school: School, course: Course, room: Room) -> None:
    person, other = learning.add_person(school.unit_id), learning.add_person(school.unit_id, "另一位班主任")
    attendance = room.sign_in(person)
    with pytest.raises(NotFound):
        classroom.sign_in(room.id, other, by=Staff(other, ("/",)), now=room.now)
    with pytest.raises(NotFound):
        classroom.sign_out(attendance, person_id=other, now=room.now)
    with pytest.raises(NotFound):
        classroom.sign_person_out(attendance, by=Staff(other, ("/",)), now=room.now)
    with pytest.raises(NotFound):
        classroom.end_room(room.id, by=Staff(other, ("/",)), now=room.now)
    with pytest.raises(NotFound):
        classroom.open_screen(room.id, by=Staff(other, ("/",)), rng=room.rng, now=room.now)


def test_a_tutor_of_another_unit_opens_nothing_here(school: School, course: Course) -> None:
    stranger = Staff(learning.add_person(school.unit_id, "外省班主任"), ("/elsewhere/",))
    plan = classroom.RoomPlan(course.lecture_ids[0], None, school.unit_id, "会议室", 60)
    with pytest.raises(NotFound):
        classroom.open_room(plan, by=stranger, now=NOW)


def test_a_host_signs_themselves_in_by_the_code_alone(school: School, course: Course, room: Room) -> None:
    with pytest.raises(HostByList):
        room.sign_in(room.host_id)
    assert classroom.sign_in_by_code(room.code(), person_id=room.host_id, policy=MINUTE_CODES, now=room.now)


def test_seats_are_an_end_and_one_host_holds_one_room(school: School, course: Course) -> None:
    room = open_room(school, course, seats=1)
    room.sign_in(learning.add_person(school.unit_id))
    with pytest.raises(RoomFull):
        room.sign_in(learning.add_person(school.unit_id, "第二人"))
    with pytest.raises(HoldsAnother):
        open_room(school, course, host_id=room.host_id)


def test_a_report_taken_before_and_a_page_that_lost_the_screen_change_nothing(
    school: School, course: Course, room: Room
) -> None:
    room.later(15)
    assert room.report((0, 15_000)).accepted_ms == 15_000
    assert room.report((0, 15_000), seq=1).accepted_ms == 0
    old = room.screen_id
    room.open_screen()
    room.screen_id = old
    with pytest.raises(ScreenOver):
        room.report((15_000, 30_000))


def test_a_forged_screen_earns_nobody_more_than_time(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    room.sign_in(person)
    for _ in range(30):
        room.later(1)
        room.report((0, 60_000))
    finish(room)
    assert covered(person, course) <= 30_000


def test_an_absent_host_stops_the_clock_until_they_answer(school: School) -> None:
    course = learning.add_course(school, duration_ms=3_600_000)
    room = open_room(school, course)
    person = learning.add_person(school.unit_id)
    room.sign_in(person)
    asked, at = None, 0
    while asked is None:
        room.later(15)
        asked = room.report((at, at + 15_000)).check_id
        at += 15_000
    for _ in range(20):  # five minutes: two of them still count
        room.later(15)
        room.report((at, at + 15_000))
        at += 15_000
    assert room.screen_id
    classroom.answer_check(room.screen_id, asked, rng=room.rng, now=room.now)
    room.later(15)
    assert room.report((at, at + 15_000)).accepted_ms == 15_000
    finish(room)
    assert covered(person, course) == at + 15_000 - 180_000


def test_who_sits_in_a_room_is_not_silent_and_a_dead_screen_ends_it(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    room.sign_in(person)
    for _ in range(5):
        room.later(600)
        classroom.keep_present(now=room.now)
        service.expire_silent_leases(now=room.now)
    with reading() as session:
        assert classrooms.live_attendance(session, room.id, person)
    assert classroom.end_idle_rooms(now=room.later(601)) == 1
    with reading() as session:
        assert classrooms.room(session, room.id).state == "ended"
        assert classrooms.live_attendance(session, room.id, person) is None
    with pytest.raises(RoomOver):
        room.sign_in(person)


def test_a_withdrawn_lecture_ends_the_room_and_keeps_what_was_seen(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    room.sign_in(person)
    room.play(30)
    classroom.end_rooms_of(asset_id=course.asset_ids[0], now=room.now)
    room.sign(sha256=sha_of(room))
    classroom.credit_session(room.id, now=room.now)
    assert covered(person, course) == 30_000


def test_the_signature_is_for_the_sheet_that_was_read(school: School, course: Course, room: Room) -> None:
    room.end()
    with pytest.raises(SheetChanged):
        room.sign(sha256="0" * 64)


def test_a_sheet_left_unsigned_is_signed_by_somebody_above_who_was_not_there(
    school: School, course: Course, room: Room
) -> None:
    person = learning.add_person(school.unit_id)
    above, far, present = (learning.add_person(school.unit_id, name) for name in ("上级", "外地", "在座的管理员"))
    by = Staff(above, (school.unit_path,))
    room.sign_in(person)
    room.sign_in(present)
    room.play(45)
    with pytest.raises(Conflict):
        room.sign_for_host(by, sha256="0" * 64)
    room.end()
    sheet = sha_of(room)
    with pytest.raises(StillTheHosts):
        room.sign_for_host(by, sha256=sheet)
    room.later(3 * 86_400)
    with pytest.raises(NotFound):
        room.sign_for_host(Staff(far, ("/elsewhere/",)), sha256=sheet)
    with pytest.raises(OnTheSheet):
        room.sign_for_host(Staff(present, (school.unit_path,)), sha256=sheet)
    with pytest.raises(SheetChanged):
        room.sign_for_host(by, sha256="0" * 64)
    room.sign_for_host(by, sha256=sheet)
    room.sign(sha256=sheet)  # the host comes back: harmless, the first signature stays
    with reading() as session:
        signature = classroomsheets.signature(session, room.id)
    assert signature
    assert signature.signed_by == above
    classroom.credit_session(room.id, now=room.now)
    assert covered(person, course) == 45_000


def test_who_held_the_room_and_sat_in_it_does_not_sign_for_themselves(
    school: School, course: Course, room: Room
) -> None:
    above = Staff(learning.add_person(school.unit_id, "上级"), (school.unit_path,))
    classroom.sign_in_by_code(room.code(), person_id=room.host_id, policy=MINUTE_CODES, now=room.now)
    room.play(60)
    room.end()
    sheet = sha_of(room)
    with pytest.raises(OnTheSheet):
        room.sign(sha256=sheet)
    classroom.credit_session(room.id, now=room.later(5))
    assert covered(room.host_id, course) == 0
    made = Staff(learning.add_person(school.unit_id, "新来的"), (school.unit_path,))
    hand_code(room.host_id, made.person_id, at=room.now)
    with pytest.raises(InOneHand):
        room.sign_for_host(made, sha256=sheet)
    room.sign_for_host(above, sha256=sheet)  # at once: the host can't be waited for
    classroom.credit_session(room.id, now=room.later(5))
    assert covered(room.host_id, course) == 60_000


def test_hours_count_in_the_year_in_which_they_were_learned(school: School, course: Course) -> None:
    silvester = NOW.replace(month=12, day=31, hour=15, minute=50)  # 23:50 in China
    room = open_room(school, course, now=silvester)
    person = learning.add_person(school.unit_id)
    room.sign_in(person)
    room.play(60)
    room.end()
    room.later(3 * 86_400)
    room.sign(sha256=sha_of(room))
    classroom.credit_session(room.id, now=room.now)
    with reading() as session:
        (entry,) = hours.entries_of(session, person)
    assert entry.count_year == silvester.year


def test_the_record_shows_the_unit_of_that_day(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id, "调走的")
    room.sign_in(person)
    room.end()
    with reading() as session:
        before = [one.unit_name for one in classrooms.present(session, room.id)]
        old, root = organisations.unit(session, school.unit_id), organisations.national(session)
    assert root and before == [old.name]
    chief = Staff(learning.add_person(school.unit_id, "管理员"), (root.path,))
    day = room.now.astimezone(SHANGHAI).date() + timedelta(days=1)
    memberships.move(person, root.id, from_on=day, by=chief, reason="调动", now=room.now + timedelta(days=1))
    with reading() as session:
        assert accounts.person(session, person).unit_name == root.name
        assert [one.unit_name for one in classrooms.present(session, room.id)] == before


def test_a_correction_needs_two_persons_and_no_other_record_of_that_time(
    school: School, course: Course, room: Room
) -> None:
    missed, watching, struck = (learning.add_person(school.unit_id, name) for name in ("漏签", "在家看", "没来"))
    proposer, second = (Staff(learning.add_person(school.unit_id, n), (school.unit_path,)) for n in ("提出", "确认"))
    began = room.now
    room.sign_in(struck)
    service.open_lease(course.lecture_ids[0], person_id=watching, enrolment_id=None, now=began, rng=Random(1))
    room.play(60)
    room.end()
    stay = (began, began + timedelta(seconds=40))
    ask = {"reason": "签到时手机没电", "by": proposer, "now": room.now}
    added = classroom.propose(room.id, missed, stay=stay, **ask)  # type: ignore[arg-type]
    twice = classroom.propose(room.id, watching, stay=stay, **ask)  # type: ignore[arg-type]
    out = classroom.propose(room.id, struck, stay=None, **ask)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        classroom.decide(added, approve=True, comment="", by=proposer, now=room.now)
    let_in = learning.add_person(school.unit_id, "新来的")
    hand_code(proposer.person_id, let_in, at=room.now)
    with pytest.raises(InOneHand):
        classroom.decide(added, approve=True, comment="", by=Staff(let_in, proposer.scopes), now=room.now)
    classroom.decide(added, approve=True, comment="", by=second, now=room.now)
    classroom.decide(out, approve=True, comment="", by=second, now=room.now)
    with pytest.raises(Exception, match="同一时间") as refused:
        classroom.decide(twice, approve=True, comment="", by=second, now=room.now)
    assert getattr(refused.value, "code", "") == "learned_elsewhere"
    room.sign(sha256=sha_of(room))
    classroom.credit_session(room.id, now=room.now)
    assert [covered(one, course) for one in (missed, watching, struck)] == [40_000, 0, 0]


def test_the_database_keeps_what_was_frozen(school: School, course: Course, room: Room) -> None:
    person = learning.add_person(school.unit_id)
    attendance = room.sign_in(person)
    room.play(15)
    finish(room)
    for statement in (
        update(ClassroomSheetRow).values(sha256="0" * 64),
        update(ClassroomAttendanceRow).where(ClassroomAttendanceRow.id == attendance).values(credited_ms=1),
        text("UPDATE classroom_session SET state = 'open', ended_at = NULL"),
        text("UPDATE classroom_play SET media_from_ms = 5"),
        text("DELETE FROM classroom_attendance"),
        text("INSERT INTO classroom_play SELECT session_id, 99, 100, 200, 0 FROM classroom_play LIMIT 1"),
    ):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(statement)


def _other_unit(school: School) -> UUID:
    with reading() as session:
        parent = organisations.unit(session, school.unit_id).parent_id
    return units.add_unit(parent_id=parent, name="别的单位工会", kind="unit", reach=EVERYWHERE, now=NOW).id


def test_who_closed_their_account_since_is_not_added_to_a_sheet(school: School, room: Room) -> None:
    missed = learning.add_person(school.unit_id, "漏签")
    proposer, second = (Staff(learning.add_person(school.unit_id, n), (school.unit_path,)) for n in ("提出", "确认"))
    began = room.now
    room.play(60)
    room.end()
    stay = (began, began + timedelta(seconds=40))
    added = classroom.propose(room.id, missed, stay=stay, reason="手机没电", by=proposer, now=room.now)
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == missed).values(closed_at=room.now))
    with pytest.raises(NotOfThisRoom):
        classroom.decide(added, approve=True, comment="", by=second, now=room.now)
    classroom.decide(added, approve=False, comment="本人已注销账号", by=second, now=room.now)


def test_who_signed_a_sheet_is_credited_by_no_correction_of_it(school: School, course: Course, room: Room) -> None:
    there = learning.add_person(school.unit_id, "到场")
    proposer, second = (Staff(learning.add_person(school.unit_id, n), (school.unit_path,)) for n in ("提出", "确认"))
    began = room.now
    room.sign_in(there)
    room.play(60)
    room.end()
    stay = (began, began + timedelta(seconds=40))
    asked = classroom.propose(room.id, room.host_id, stay=stay, reason="也在听课", by=proposer, now=room.now)
    room.sign(sha256=sha_of(room), headcount=1)
    with pytest.raises(SignedIt):
        classroom.decide(asked, approve=True, comment="", by=second, now=room.now)
    classroom.decide(asked, approve=False, comment="签名人不能计入", by=second, now=room.now)
    with pytest.raises(SignedIt):
        classroom.propose(room.id, room.host_id, stay=stay, reason="也在听课", by=proposer, now=room.now)
    classroom.credit_session(room.id, now=room.now)
    assert [covered(one, course) for one in (there, room.host_id)] == [60_000, 0]


@pytest.mark.postgres
def test_a_host_who_is_disabled_meanwhile_opens_nothing(school: School, course: Course) -> None:
    host = learning.add_person(school.unit_id, "主持人")
    with reading() as session:
        username = session.execute(select(AccountRow.username).where(AccountRow.person_id == host)).scalar_one()
    found = beside(
        lambda: states.disable(username, reason="离职", now=NOW),
        lambda: open_room(school, course, host_id=host),
    )
    assert isinstance(found, NotFound), found
