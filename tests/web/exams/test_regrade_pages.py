"""The pages of wrong keys: search, proposal, effects, and the second person's word."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.access import queries as access
from lms.access.domain import roles
from lms.classes.models import TrainingClassRow
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AttemptRow, RegradeRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import NOW, Hall, make_candidate, make_hall_of_all_types, own_banks
from tests.factories.people import make_person
from tests.factories.qualification import id_number_of
from tests.service.exams.test_regrading import sit, version_at, walk
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


def manager(hall: Hall, name: str) -> Principal:
    grants = {roles.CLASS_MANAGER: hall.land.national}
    return make_person(hall.land.national, name, grants=grants, now=NOW)


@pytest.fixture
def desk(hall: Hall, take_seat: TakeSeat) -> Seat:
    return take_seat(manager(hall, "甲主任"))


@pytest.fixture
def other(hall: Hall, take_seat: TakeSeat) -> Seat:
    return take_seat(manager(hall, "乙主任"))


@pytest.fixture(autouse=True)
def in_sight(hall: Hall) -> None:
    """The banks are the nation's, whose managers may preview their items."""
    own_banks(hall)


def form_of(hall: Hall, attempt_id: UUID, position: int = 1) -> str:
    return f"/staff/exams/{hall.exam_id}/items/{version_at(attempt_id, position)}/regrade"


def propose(hall: Hall, seat: Seat, attempt_id: UUID, **fields: object) -> str:
    sent = {"way": "new_only", "key": "A", "reason": "第十二条已修订"} | fields
    answer = seat.post(form_of(hall, attempt_id), sent)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_from_the_search_to_the_corrected_result(hall: Hall, desk: Seat, other: Seat, take_seat: TakeSeat) -> None:
    attempt_id = sit(hall, make_candidate(hall, "丁一"), 15)
    address = form_of(hall, attempt_id)
    with reading() as session:
        ref = session.get_one(ItemVersionRow, version_at(attempt_id, 1)).ref
    assert address in desk.get(f"/staff/exams/{hall.exam_id}/regrades?q={ref}").text
    assert "现在的答案" in desk.get(address).text
    where = propose(hall, desk, attempt_id)
    page = desk.get(where).text
    assert "正在核算影响" in page
    assert 'data-poll="' in page
    regrade_id = UUID(where.rsplit("/", 1)[1])
    walk(regrade_id, "check")
    page = desk.get(where).text
    assert "丁一" in page
    assert "您提出的更正不能自己确认" in page
    assert desk.post(f"{where}/decision", {"decision": "confirm"}).status_code == 403
    assert "我提出的" in desk.get("/staff/regrades").text
    assert where in other.get("/staff/regrades").text
    assert "丁一" in other.get(f"{where}?turn=fails").text
    assert "丁一" not in other.get(f"{where}?turn=passes").text
    assert other.post(f"{where}/decision", {"decision": "confirm"}).status_code == 303
    assert other.post(f"{where}/decision", {"decision": "confirm"}).status_code == 409, "a double click"
    walk(regrade_id, "apply")
    assert "已完成" in other.get(where).text
    with reading() as session:
        learner = access.principal_of_person(session, session.get_one(AttemptRow, attempt_id).person_id, now=NOW)
    assert "更正前是 60 分" in take_seat(learner).get(f"/attempts/{attempt_id}/result").text


@pytest.mark.parametrize(
    "fields",
    [{"way": ""}, {"way": "whatever"}, {"reason": " "}, {"reason": "长" * 501}, {"key": ""}, {"key": "Z"}],
)
def test_a_bad_proposal_is_refused_beside_its_field(hall: Hall, desk: Seat, fields: dict[str, object]) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    sent = {"way": "new_only", "key": "A", "reason": "错"} | fields
    answer = desk.post(form_of(hall, attempt_id), sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with reading() as session:
        assert session.execute(select(RegradeRow.id)).first() is None


def test_a_decline_without_a_reason_is_refused(hall: Hall, desk: Seat, other: Seat) -> None:
    where = propose(hall, desk, sit(hall, make_candidate(hall), 15))
    walk(UUID(where.rsplit("/", 1)[1]), "check")
    assert other.post(f"{where}/decision", {"decision": "decline"}).status_code == 422
    assert other.post(f"{where}/decision", {"decision": "decline", "comment": "依据不足"}).status_code == 303
    assert "依据不足" in desk.get(where).text


def test_a_proposal_is_taken_back_once(hall: Hall, desk: Seat) -> None:
    where = propose(hall, desk, sit(hall, make_candidate(hall), 15))
    assert desk.post(f"{where}/withdrawal").status_code == 303
    assert desk.post(f"{where}/withdrawal").status_code == 303
    assert "已撤回" in desk.get(where).text


def test_other_units_and_other_roles_are_refused(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    where = propose(hall, desk, attempt_id)
    province = {roles.CLASS_MANAGER: hall.land.province}
    tutor = {roles.CLASS_TUTOR: hall.land.national}
    for grants, status in ((province, 404), (tutor, 403), ({}, 403)):
        seat = take_seat(make_person(hall.land.unit, "他人", grants=grants, now=NOW))
        for path in (where, form_of(hall, attempt_id), f"/staff/exams/{hall.exam_id}/regrades"):
            assert seat.get(path).status_code == status
        assert seat.post(f"{where}/decision", {"decision": "confirm"}).status_code == status
        assert seat.post(form_of(hall, attempt_id), {"way": "none", "reason": "错"}).status_code == status


def test_the_page_of_a_decision_takes_a_fixed_number_of_statements(
    hall: Hall, desk: Seat, statements: Callable
) -> None:
    attempts = [sit(hall, make_candidate(hall, f"考生{number}"), 15, seed=7) for number in range(3)]
    where = propose(hall, desk, attempts[0])

    def count() -> int:
        desk.get(where)
        with statements() as seen:
            assert desk.get(where).status_code == 200
        return len([one for one in seen if not re.match("BEGIN|PRAGMA", one)])

    before = count()
    walk(UUID(where.rsplit("/", 1)[1]), "check")
    assert count() == before


class TestFillIn:
    @pytest.fixture
    def hall(self, clean: object, turn: object) -> Hall:
        return make_hall_of_all_types(by_hand=False)

    def test_another_wording_is_taken_beside_the_first(self, hall: Hall, desk: Seat, other: Seat) -> None:
        person = make_candidate(hall)
        attempt_id = service.start_or_resume(hall.exam_id, person.person_id, now=NOW, seed=1).attempt_id
        value = ["工会条例", "50"]
        service.save_answer(attempt_id, person.person_id, 5, SaveKey(1, 1), value, received_at=NOW)
        service.submit(attempt_id, person.person_id, now=NOW + timedelta(seconds=9))
        address = form_of(hall, attempt_id, 5)
        assert "第 2 空更正后的答案" in desk.get(address).text
        sent = {"way": "either", "reason": "通称也算", "blank-0": "工会法；工会条例"}
        assert desk.post(address, sent).status_code == 422
        told = desk.post(address, sent | {"blank-1": id_number_of(1)})
        assert told.status_code == 422 and "身份证号" in told.text
        where = desk.post(address, sent | {"blank-1": "50"}).headers["Location"]
        walk(UUID(where.rsplit("/", 1)[1]), "check")
        other.post(f"{where}/decision", {"decision": "confirm"})
        walk(UUID(where.rsplit("/", 1)[1]), "apply")
        with reading() as session:
            assert queries.attempt(session, attempt_id).result.score == 10


def test_exams_in_reach_are_offered(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    address = f"/staff/exams/{hall.exam_id}/regrades"
    assert address in desk.get("/staff/regrades").text
    assert desk.get("/staff/regrades?page=0").status_code == 404
    province = make_person(hall.land.unit, "他省", grants={roles.CLASS_MANAGER: hall.land.province}, now=NOW)
    assert address not in take_seat(province).get("/staff/regrades").text


def test_keys_of_banks_out_of_sight_wait_until_the_exam_is_over(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    """Neither a manager whose reach ends below the banks nor an administrator, who previews nothing, sees them before."""
    attempt_id = sit(hall, make_candidate(hall), 15)
    where, lists = propose(hall, desk, attempt_id), f"/staff/exams/{hall.exam_id}/regrades"
    walk(UUID(where.rsplit("/", 1)[1]), "check")
    own_banks(hall, hall.land.other_province)
    admin = take_seat(
        make_person(hall.land.national, "全国管理员", grants={roles.UNIT_ADMIN: hall.land.national}, now=NOW)
    )
    with unit_of_work() as session:
        unit_id = hall.land.province.id
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=unit_id))
    grants = {roles.CLASS_MANAGER: hall.land.province}
    near = take_seat(make_person(hall.land.province, "省主任", grants=grants, now=NOW))
    pages = [lists, f"{lists}?q=下列说法", form_of(hall, attempt_id), where]
    for seat in (near, admin):
        for page in pages:
            answer = seat.get(page)
            assert answer.status_code == 403 and "考试还没有结束" in answer.text, page
        queue = seat.get("/staff/regrades").text
        assert where in queue and "下列说法" not in queue
    sent = {"way": "new_only", "key": "A", "reason": "第十二条已修订"}
    assert near.post(form_of(hall, attempt_id), sent).status_code == 403
    with unit_of_work() as session:
        days = {"starts_on": NOW.date() - timedelta(days=40), "ends_on": NOW.date() - timedelta(days=30)}
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(days))
    assert [seat.get(page).status_code for seat in (near, admin) for page in pages] == [200] * 8


@pytest.mark.parametrize("decision", ["confirm", "decline"])
def test_who_may_not_see_the_keys_decides_on_none(hall: Hall, desk: Seat, take_seat: TakeSeat, decision: str) -> None:
    where = propose(hall, desk, sit(hall, make_candidate(hall), 15))
    walk(UUID(where.rsplit("/", 1)[1]), "check")
    own_banks(hall, hall.land.other_province)
    with unit_of_work() as session:
        session.execute(
            update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=hall.land.province.id)
        )
    near = make_person(hall.land.province, "省主任", grants={roles.CLASS_MANAGER: hall.land.province}, now=NOW)
    seat = take_seat(near)
    assert seat.get(where).status_code == 403
    assert seat.post(f"{where}/decision", {"decision": decision, "comment": "依据不足"}).status_code == 403
    with reading() as session:
        assert session.get_one(RegradeRow, UUID(where.rsplit("/", 1)[1])).state == "proposed"
