"""Who still sits an exam is kept out of the banks that it draws from, whatever their role, until the exam is over for everybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.access.domain import roles
from lms.catalogue import queries as catalogue_queries, service as catalogue
from lms.classes import service as classes
from lms.classes.service import ClassPlan
from lms.exams import service
from lms.exams.domain.blueprint import Blueprint, Section
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.moderation.service import PRINCIPLES
from lms.organisations.queries import Unit
from lms.questionbank import service as questionbank
from lms.questionbank.models import BankRow, ItemVersionRow
from tests.factories import content
from tests.factories.exams import CANARY, NOW, Hall, make_candidate, make_hall
from tests.factories.items import typed_item, version
from tests.factories.people import make_person, make_staff
from tests.web.exams.conftest import Seat, Turn

TakeSeat = Callable[[Principal], Seat]
REFUSED = "您是这场考试的学员"
STAFF = (roles.UPLOADER, roles.PROVINCE_REVIEWER, roles.NATIONAL_REVIEWER)


@pytest.fixture
def hall(clean: object, turn: object) -> Hall:
    """A hall whose banks are of the candidates' unit."""
    hall = make_hall()
    with unit_of_work() as session:
        session.execute(update(BankRow).values(unit_id=hall.land.unit.id))
    return hall


def place(hall: Hall, role: str) -> Unit:
    return {roles.UPLOADER: hall.land.unit, roles.PROVINCE_REVIEWER: hall.land.province}.get(role, hall.land.national)


def item(bank: str) -> str:
    with reading() as session:
        return str(session.execute(select(ItemVersionRow.id).where(ItemVersionRow.bank_code == bank)).scalars().first())


@pytest.mark.parametrize("role", STAFF)
def test_a_candidate_reads_no_key_in_the_bank(hall: Hall, take_seat: TakeSeat, turn: Turn, role: str) -> None:
    me = make_candidate(hall, "学员兼职", grants={role: place(hall, role)})
    service.start_or_resume(hall.exam_id, me.person_id, now=NOW, seed=1)
    page = f"/staff/banks/C1/items/{item('C1')}"
    colleague = take_seat(make_person(hall.land.unit, "同事", grants={role: place(hall, role)}))
    answer = take_seat(me).get(page)
    assert (answer.status_code, REFUSED in answer.text, CANARY in answer.text) == (403, True, False)
    assert CANARY in colleague.get(page).text, "a colleague works on"
    turn(timedelta(days=60))
    assert CANARY in take_seat(me).get(page).text, "over for everybody"


def test_every_page_of_the_bank_is_closed_to_a_candidate_and_no_other_bank(hall: Hall, take_seat: TakeSeat) -> None:
    seat = take_seat(make_candidate(hall, "学员兼出题", grants={roles.UPLOADER: hall.land.unit}))
    home, one = "/staff/banks/C1", item("C1")
    for path in (home, f"{home}/duplicates", f"{home}/items/{one}", f"{home}/items/{one}/edit"):
        assert seat.get(path).status_code == 403, path
    assert seat.post(f"{home}/export", {"format": "xlsx"}).status_code == 403
    assert seat.get("/staff/banks").status_code == 200
    make_bank("D1", hall)
    assert seat.get("/staff/banks/D1").status_code == 200


def make_bank(code: str, hall: Hall) -> None:
    with unit_of_work() as session:
        session.add(BankRow(code=code, title="另一题库", kind="exam", unit_id=hall.land.unit.id, created_at=NOW))


@pytest.mark.parametrize("role", [roles.PROVINCE_REVIEWER, roles.NATIONAL_REVIEWER])
def test_enrolling_closes_the_bank_at_once(hall: Hall, take_seat: TakeSeat, role: str) -> None:
    seat = take_seat(make_person(hall.land.unit, "审核员", grants={role: place(hall, role)}))
    page = f"/staff/banks/C1/items/{item('C1')}"
    assert CANARY in seat.get(page).text
    assert seat.post(f"/classes/{hall.class_id}/enrolment").status_code == 303
    assert seat.get(page).status_code == 403


def test_a_reviewer_who_enrolled_decides_on_no_item_of_the_bank_from_an_open_page(
    hall: Hall, take_seat: TakeSeat
) -> None:
    author = make_person(hall.land.unit, "出题", grants={roles.UPLOADER: hall.land.unit})
    version_id = questionbank.create("C1", typed_item("新题干？"), author_id=author.person_id, now=NOW)
    questionbank.hand_in([version_id], "C1", actor_id=author.person_id, now=NOW)
    seat = take_seat(make_person(hall.land.unit, "审核员", grants={roles.PROVINCE_REVIEWER: hall.land.province}))
    page = f"/staff/item-reviews/{version_id}"
    form = {"level": "province", "decision": "approve", "comment": "", "token": version(version_id).token}
    assert seat.get(page).status_code == 200
    assert seat.post(f"/classes/{hall.class_id}/enrolment").status_code == 303
    answer = seat.post(f"{page}/decision", form)
    assert (answer.status_code, version(version_id).state) == (403, "province_review")


def test_a_reviewer_who_sits_an_exam_reads_no_key_with_the_lecture_either(
    clean: Flask, turn: Turn, take_seat: TakeSeat
) -> None:
    staff = make_staff()
    lecture = content.publish(staff)
    fresh = catalogue.revise(lecture.revision_id, author=staff.uploader, now=NOW)
    catalogue.submit(fresh, author=staff.uploader, now=NOW)
    page, key = f"/staff/reviews/{lecture.revision_id}", "上限因此是二个月"
    seat, manager = take_seat(staff.province_reviewer), take_seat(staff.national_reviewer)
    assert key in seat.get(page).text
    with reading() as session:
        digest = catalogue_queries.lecture_version(session, fresh).content_hash
    plan = ClassPlan(
        "班",
        "工会主席",
        "centralized",
        "open",
        NOW.date(),
        NOW.date(),
        "证书",
        "SG",
        staff.land.national.id,
        [lecture.course_id],
        False,
    )
    class_id = classes.create_class(plan, actor_id=None, now=NOW)
    classes.advance_phase(class_id, "implement", actor_id=None, now=NOW)
    sections = (Section("single", 1, 1, (lecture.bank_code,)),)
    service.create_exam(
        class_id, "考试", Blueprint(sections, minutes=60, pass_mark=1, max_attempts=1), actor_id=None, now=NOW
    )
    assert seat.post(f"/classes/{class_id}/enrolment").status_code == 303
    answer = seat.get(page)
    assert (answer.status_code, REFUSED in answer.text, key in answer.text) == (403, True, False)
    form = {"level": "province", "decision": "approve", "comment": "好", "content_hash": digest}
    decided = seat.post(f"/staff/reviews/{fresh}/decision", form | {"findings": list(PRINCIPLES)})
    assert manager.post(f"/classes/{class_id}/enrolment").status_code == 303
    stopped = manager.post(f"{page}/suspension", {"reason": "引文有误"})
    with reading() as session:
        states = [moderation.revision(session, one).state for one in (fresh, lecture.revision_id)]
    assert (decided.status_code, stopped.status_code, states) == (403, 403, [State.PROVINCE_REVIEW, State.PUBLISHED])
