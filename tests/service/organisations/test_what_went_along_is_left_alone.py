"""Acts that begin while the unit of a class, a bank or a person goes elsewhere: its former union does none of them any more,
and whoever acts on a person holds the person first, so that none of them waits for another for ever.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.accounts.service import memberships
from lms.catalogue import queries as catalogue, service as authoring
from lms.catalogue.service import publishing
from lms.classes import service as classes
from lms.classes.models import TrainingClassRow
from lms.exams import listeners, queries as exam_queries, service as exams
from lms.exams.models import ExamFiguresRow, ExamRulesDraftRow, SittingRequestRow
from lms.exams.service import planning, sittings
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.kernel.scope import EVERYWHERE
from lms.learning.models import ClassroomAttendanceRow
from lms.learning.service import classroom
from lms.learning.service.classroom import correcting
from lms.moderation.domain.workflow import Level, State
from lms.moderation.models import RevisionRow
from lms.offline import service as offline
from lms.offline.domain.workflow import Act as OfflineAct
from lms.offline.models import OutsideTrainingRow
from lms.offline.service import deciding
from lms.organisations import events, queries, service
from lms.questionbank import service as items
from lms.questionbank.models import BankRow
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.classrooms import open_room
from tests.factories.content import approval, approve, make_draft, make_lecture, make_ready_asset, publish
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.items import BANK, make_desk, typed_item, version
from tests.factories.outside import FACTS, make_office, submitted
from tests.factories.people import Land, make_land, make_person, make_staff
from tests.factories.together import beside, crossing, overtaking, pausing
from tests.service.exams.test_planning import proposed
from tests.service.exams.test_regrading import LATER, sit

pytestmark = pytest.mark.postgres
Act = Callable[[], object]
Change = Callable[[Land], Act]


@pytest.fixture
def hall(clean: Flask) -> Hall:
    """An exam of a class of a unit of one province."""
    hall = make_hall()
    of_unit = update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=hall.land.unit.id)
    with unit_of_work() as session:
        session.execute(of_unit)
    return hall


def changed() -> service.Act:
    return service.Act(None, "调整", NOW, reach=EVERYWHERE)


def moves(land: Land) -> Act:
    return lambda: service.move(land.unit.id, land.other_province.id, changed())


def merges(land: Land) -> Act:
    return lambda: service.merge(land.unit.id, land.other_unit.id, changed())


both = pytest.mark.parametrize("change", [moves, merges])


def staff_of(land: Land, name: str = "省管理员") -> Staff:
    return Staff(make_person(land.province, name).person_id, (land.province.path,), lambda *_: True)


@both
def test_rules_of_an_exam(hall: Hall, change: Change) -> None:
    one, other = staff_of(hall.land, "甲"), staff_of(hall.land, "乙")
    draft_id = proposed(hall, one)
    found = beside(change(hall.land), partial(planning.publish_rules, draft_id, by=other, now=NOW))
    assert isinstance(found, NotFound)
    with reading() as session:
        assert session.execute(select(ExamRulesDraftRow.state)).scalar_one() == "proposed"


@both
def test_a_draft_of_rules(hall: Hall, change: Change) -> None:
    drafts = partial(planning.draft_rules, hall.class_id, by=staff_of(hall.land), now=NOW)
    assert isinstance(beside(change(hall.land), drafts), NotFound)


@both
def test_a_sitting(hall: Hall, change: Change) -> None:
    person, asked = make_candidate(hall, "安乐"), sittings.Asked(attempts=1)
    asks = partial(sittings.ask_sitting, hall.exam_id, person.person_id, asked, "病假", by=staff_of(hall.land), now=NOW)
    assert isinstance(beside(change(hall.land), asks), NotFound)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(SittingRequestRow)).scalar_one() == 0


@both
def test_a_review_of_an_item(clean: Flask, change: Change) -> None:
    desk = make_desk(land := make_land())
    with unit_of_work() as session:
        session.execute(update(BankRow).values(unit_id=land.unit.id))
    made = items.create(BANK, typed_item(), author_id=desk.author.person_id, now=NOW)
    items.hand_in([made], BANK, actor_id=desk.author.person_id, now=NOW)
    token = version(made).token
    decides = partial(
        items.decide, made, Level.PROVINCE, approves=True, comment="", token=token, reviewer=desk.province, now=NOW
    )
    assert isinstance(beside(change(land), decides), NotFound)
    assert version(made).state == "province_review"


@pytest.mark.parametrize("of_course", [True, False])
def test_a_lecture_of_a_unit_that_is_merged(clean: Flask, of_course: bool) -> None:
    staff = make_staff()
    land, course_id = staff.land, None
    author = make_person(land.unit, "作者", grants={roles.UPLOADER: land.province})
    if of_course:
        first = make_lecture(author)
        with reading() as session:
            course_id = catalogue.lecture_version(session, first).course_id
    with reading() as session:
        before = session.execute(select(func.count()).select_from(RevisionRow)).scalar_one()
    draft = make_draft(make_ready_asset(author), course_id=course_id, title="新的一讲")
    begins = partial(authoring.create_lecture, draft, author=author, demo=False, now=NOW)
    assert isinstance(beside(merges(land), begins), NotFound)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(RevisionRow)).scalar_one() == before
        assert not session.execute(select(BankRow.code).where(BankRow.unit_id == land.unit.id)).all()


@both
def test_a_training(clean: Flask, change: Change) -> None:
    land = make_office().land
    enters = partial(offline.create, FACTS, land.unit.id, by=staff_of(land), now=NOW)
    assert isinstance(beside(change(land), enters), Exception)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(OutsideTrainingRow)).scalar_one() == 0


def test_who_moves_away_is_signed_in_by_no_former_host(clean: Flask) -> None:
    school = learning.add_school()
    room = open_room(school, learning.add_course(school))
    room.scopes = (school.unit_path,)
    person, land = learning.add_person(school.unit_id, "调走的人"), make_land()
    by = Staff(make_person(land.national, "人事").person_id, EVERYWHERE, lambda *_: True)
    goes = partial(memberships.move, person, land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    assert isinstance(beside(goes, partial(room.sign_in, person)), NotFound)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ClassroomAttendanceRow)).scalar_one() == 0


def test_who_moves_with_a_first_score_is_not_overlooked_when_an_exam_is_counted_again(hall: Hall) -> None:
    sit(hall, make_candidate(hall, "常在"), 10)
    exams.count_figures(hall.exam_id, until=LATER, now=NOW)
    sit(hall, person := make_candidate(hall, "安乐"), 20)
    by = at_work(make_admin(hall.land.national), hall.land.national)
    there = hall.land.other_unit.id
    goes = partial(memberships.move, person.person_id, there, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    # It does not see who is still moving: they say so when they have.
    assert overtaking(goes, partial(exams.count_figures, hall.exam_id, until=LATER, now=NOW)) is None
    with reading() as session:
        assert session.execute(select(ExamFiguresRow.stale)).scalar_one()
    exams.count_figures(hall.exam_id, until=LATER, now=NOW)
    with reading() as session:
        counts = [
            exam_queries.unit_figures(session, hall.exam_id, one.path) for one in (hall.land.unit, hall.land.other_unit)
        ]
    assert [one.persons for one in counts if one] == [1, 1]


def test_approving_a_training_and_moving_its_unit(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    office, reached = make_office(), threading.Event()
    training_id = submitted(office)
    monkeypatch.setattr(deciding, "refuse_elsewhere", pausing(deciding.refuse_elsewhere, reached))
    approves = partial(offline.decide, training_id, OfflineAct.APPROVE, "", by=office.deciding, now=NOW)
    assert crossing(approves, moves(office.land), reached) == [None, None]


def test_correcting_a_sheet_and_moving_its_union(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    school, reached = learning.add_school(), threading.Event()
    room = open_room(school, learning.add_course(school))
    missed = learning.add_person(school.unit_id, "漏签")
    proposer, second = (Staff(learning.add_person(school.unit_id, n), (school.unit_path,)) for n in ("提出", "确认"))
    stay = (room.now, room.now + timedelta(seconds=40))
    room.play(60)
    room.end()
    added = classroom.propose(room.id, missed, stay=stay, reason="手机没电", by=proposer, now=room.now)
    with reading() as session:
        root = queries.national(session)
    assert root
    to = service.add_unit(parent_id=root.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW)
    monkeypatch.setattr(correcting, "eligible", pausing(correcting.eligible, reached))
    approves = partial(classroom.decide, added, approve=True, comment="", by=second, now=room.now)
    assert crossing(approves, partial(service.move, school.unit_id, to.id, changed()), reached) == [None, None]


def test_revising_a_lecture_and_publishing_its_next_version(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, reached = make_staff(), threading.Event()
    first = publish(staff)
    new = authoring.revise(first.revision_id, author=staff.uploader, now=NOW)
    authoring.submit(new, author=staff.uploader, now=NOW)
    approve(new, Level.PROVINCE, staff.province_reviewer)
    decision = approval(new, Level.NATIONAL, credit_hours=700)
    monkeypatch.setattr(publishing.questionbank, "publish", pausing(publishing.questionbank.publish, reached))
    publishes = partial(authoring.decide, new, Level.NATIONAL, decision, reviewer=staff.national_reviewer, now=NOW)
    revises = partial(authoring.revise, first.revision_id, author=staff.uploader, now=NOW)
    published, revised = crossing(publishes, revises, reached)
    assert published is State.PUBLISHED
    assert isinstance(revised, authoring.NotPublished), "what it supersedes is revised no more"


def test_plans_that_begin_and_a_union_that_moves(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    sit(hall, stays := make_candidate(hall, "丙"), 10)
    exams.count_figures(hall.exam_id, until=LATER, now=NOW)
    by, tomorrow = at_work(make_admin(hall.land.national), hall.land.national), NOW + timedelta(days=1)
    there = service.add_unit(
        parent_id=hall.land.province.id, name="台州某公司工会", kind="unit", reach=EVERYWHERE, now=NOW
    )
    for name in ("甲", "乙"):
        who = make_person(hall.land.other_unit, name, now=NOW).person_id
        memberships.move(who, there.id, from_on=tomorrow.date(), by=by, reason="调动", now=NOW)
    reached = threading.Event()
    monkeypatch.setattr(listeners.service, "note_moved", pausing(listeners.service.note_moved, reached))
    settles = partial(memberships.settle, now=tomorrow)
    assert crossing(settles, moves(hall.land), reached) == [2, None]
    with reading() as session:
        assert session.execute(select(ExamFiguresRow.stale)).scalar_one(), stays


def test_ending_a_secondary_membership_and_merging_its_unit(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    land, reached = make_land(), threading.Event()
    by = Staff(make_person(land.national, "人事").person_id, EVERYWHERE, lambda *_: True)
    person = make_person(land.province, "王建国").person_id
    made = memberships.add_secondary(person, land.unit.id, from_on=NOW.date(), by=by, reason="兼职", now=NOW)
    later = NOW + timedelta(days=2)
    ends = partial(memberships.end_secondary, person, made, until_on=later.date(), by=by, reason="结束", now=later)
    monkeypatch.setattr(events, "moved", pausing(events.moved, reached))  # the unit is held, memberships come next
    merged, ended = crossing(merges(land), ends, reached)
    assert merged is None and isinstance(ended, memberships.NotPossible), "the merger ended it"


def test_nobody_is_named_for_a_class_that_went_away(clean: Flask) -> None:
    school = learning.add_school()
    course = learning.add_course(school)
    class_id = learning.add_class(school, [course])
    land = make_land()
    room = open_room(school, course, class_id=class_id)
    far = make_person(land.other_unit, "外省学员").person_id
    classes.enrol(class_id, far, now=NOW)
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == class_id).values(unit_id=land.unit.id))
    host = Staff(room.host_id, (school.unit_path, land.province.path))
    names = partial(classroom.sign_in, room.id, far, by=host, now=room.now)
    assert isinstance(beside(moves(land), names), NotFound)
