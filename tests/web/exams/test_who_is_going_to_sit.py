"""Who sits an exam, or will once its rules are published, neither sets these rules nor reads what it asks from staff's pages."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.access.domain import roles
from lms.classes import service as classes
from lms.classes.models import TrainingClassRow
from lms.exams import queries, service
from lms.exams.domain.blueprint import Section
from lms.exams.service import planning
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.questionbank import service as questionbank
from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.models import ItemVersionRow
from tests.factories.cadres import at_work
from tests.factories.exams import CANARY, NOW, Hall, enrol, make_another_exam, make_candidate, own_banks
from tests.factories.joining import as_one
from tests.factories.people import make_person
from tests.web.exams.conftest import Seat, Turn

TakeSeat = Callable[[Principal], Seat]
EXPORT = ("/staff/banks/C1/export", {"format": "csv"})
RULES = {
    "title": "结业考试", "total": "100", "minutes": "60", "pass_mark": "10", "max_attempts": "5", "review": "full",
    "limits": "start", "counts": "best", "partial": "minus_wrong", "shuffle_items": "y",
}  # fmt: skip
REFUSED = "您是这场考试的学员"


@pytest.fixture
def own(hall: Hall) -> Principal:
    return make_candidate(hall, "主任兼学员", grants={roles.CLASS_MANAGER: hall.land.national})


@pytest.fixture
def colleague(hall: Hall) -> Principal:
    return make_person(hall.land.national, "同事", grants={roles.CLASS_MANAGER: hall.land.national})


def test_a_candidate_begins_no_draft(hall: Hall, own: Principal, take_seat: TakeSeat) -> None:
    seat, page = take_seat(own), f"/staff/classes/{hall.class_id}/exam"
    shown = seat.get(page).text
    assert REFUSED in shown and f'action="{page}/drafts"' not in shown
    answer = seat.post(f"{page}/drafts")
    assert answer.status_code == 403 and REFUSED in answer.text
    with reading() as session:
        assert queries.planning.open_draft(session, hall.class_id) is None


def test_a_candidate_neither_publishes_nor_declines(
    hall: Hall, own: Principal, colleague: Principal, take_seat: TakeSeat
) -> None:
    proposer, seat = take_seat(colleague), take_seat(own)
    draft = proposer.post(f"/staff/classes/{hall.class_id}/exam/drafts").headers["Location"]
    assert proposer.post(f"{draft}/rules", RULES).status_code == 303
    assert proposer.post(f"{draft}/proposal", {"reason": "调整"}).status_code == 303
    shown = seat.get(draft).text
    assert REFUSED in shown and f'action="{draft}/decision"' not in shown
    for decision in ("publish", "decline"):
        answer = seat.post(f"{draft}/decision", {"decision": decision, "comment": "意见"})
        assert answer.status_code == 403 and REFUSED in answer.text, decision
    with reading() as session:
        assert queries.exam(session, hall.exam_id).rules.version == 1


def test_who_enrols_with_a_draft_of_theirs_goes_on_with_it_no_more(
    hall: Hall, colleague: Principal, take_seat: TakeSeat
) -> None:
    seat = take_seat(colleague)
    draft = seat.post(f"/staff/classes/{hall.class_id}/exam/drafts").headers["Location"]
    assert f'action="{draft}/proposal"' in seat.get(draft).text
    enrol(hall, colleague.person_id)
    shown = seat.get(draft).text
    assert REFUSED in shown and shown.count(f'action="{draft}/') == 1, "giving it up"
    for act, form in (
        ("rules", RULES),
        ("sections", {"type": "single", "count": "1", "points": "1", "banks": "C1"}),
        ("proposal", {"reason": "调整"}),
    ):
        assert seat.post(f"{draft}/{act}", form).status_code == 403, act
    assert (
        "考试的学员"
        in seat.client.post(f"{draft}/sections/1/removal", data={"csrf_token": seat.token}, follow_redirects=True).text
    )
    with reading() as session:
        found = queries.planning.open_draft(session, hall.class_id)
    assert found and found.state == "draft" and len(found.plan.sections) > 0
    assert seat.post(f"{draft}/withdrawal").status_code == 303, "giving it up leaves the way free for others"


def test_a_proposal_of_who_enrolled_is_not_taken_back_to_change_it(
    hall: Hall, colleague: Principal, take_seat: TakeSeat
) -> None:
    by, seat = at_work(colleague, hall.land.national), take_seat(colleague)
    draft = planning.draft_rules(hall.class_id, by=by, now=NOW)
    planning.propose_rules(draft, "调整", by=by, now=NOW)
    enrol(hall, colleague.person_id)
    assert seat.post(f"/staff/exam-drafts/{draft}/reopening").status_code == 303
    with reading() as session:
        assert queries.planning.draft(session, draft).state == "proposed"


def class_to_plan_for(hall: Hall) -> UUID:
    """A class that is under way and has no exam yet."""
    plan = classes.ClassPlan(
        "新班", "工会干部", "centralized", "open", NOW.date(), NOW.date() + timedelta(days=9), "证书", "JY",
        hall.land.national.id, hall.course_ids, False,
    )  # fmt: skip
    class_id = classes.create_class(plan, actor_id=None, now=NOW)
    classes.advance_phase(class_id, "implement", actor_id=None, now=NOW)
    return class_id


def test_a_draft_keeps_who_is_enrolled_out_of_its_banks_as_the_published_rules_will(
    hall: Hall, take_seat: TakeSeat, turn: Turn
) -> None:
    own_banks(hall)
    class_id = class_to_plan_for(hall)
    author = make_person(hall.land.national, "出题人", grants={roles.UPLOADER: hall.land.national})
    classes.enrol(class_id, author.person_id, now=NOW)
    seat, manager = take_seat(author), make_person(hall.land.national, "甲")
    assert CANARY in seat.post(*EXPORT).text, "no exam is planned yet"
    by = at_work(manager, hall.land.national)
    draft = planning.draft_rules(class_id, by=by, now=NOW)
    assert seat.post(*EXPORT).status_code == 200, "nor one on this bank"
    section = Section("single", 8, 5, hall.banks)
    planning.add_section(draft, section, by=by, now=NOW)
    refused = seat.post(*EXPORT)
    assert refused.status_code == 403 and CANARY not in refused.text
    assert seat.get("/staff/banks/C1").status_code == 403
    turn(timedelta(days=30))
    assert take_seat(author).post(*EXPORT).status_code == 200, "the class is over"
    turn(timedelta())
    planning.drop_draft(draft, by=by, now=NOW)
    assert seat.post(*EXPORT).status_code == 200, "the draft was given up"


def test_the_queue_of_reviews_keeps_back_what_the_reviewers_exam_asks(hall: Hall, take_seat: TakeSeat) -> None:
    own_banks(hall)
    author = make_person(hall.land.national, "出题人", grants={roles.UPLOADER: hall.land.national})
    stem = "审核队列里的题干"
    item = ExchangeItem(Kind.SHORT_ANSWER, stem, reference="参考答案")
    version_id = questionbank.create("C1", item, author_id=author.person_id, now=NOW)
    questionbank.hand_in([version_id], "C1", actor_id=author.person_id, now=NOW)
    with unit_of_work() as session:  # as if the province had approved
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(state="national_review"))
    grants = {roles.NATIONAL_REVIEWER: hall.land.national}
    other = take_seat(make_person(hall.land.national, "别的审核人", grants=grants))
    assert stem in other.get("/staff/item-reviews").text
    candidate = take_seat(make_candidate(hall, "审核人兼学员", grants=grants))
    page = candidate.get("/staff/item-reviews")
    assert page.status_code == 200 and stem not in page.text and str(version_id) not in page.text
    assert "题目请由其他人审核" in page.text


def test_a_paper_of_an_account_that_was_joined_keeps_its_keys_while_the_person_still_sits(
    hall: Hall, take_seat: TakeSeat, turn: Turn
) -> None:
    gone, kept = make_candidate(hall, "甲"), make_person(hall.land.unit, "甲")
    attempt_id = service.start_or_resume(hall.exam_id, gone.person_id, now=NOW, seed=1).attempt_id
    service.submit(attempt_id, gone.person_id, now=NOW + timedelta(minutes=5))
    second = make_another_exam(hall)
    with unit_of_work() as session:
        session.execute(
            update(TrainingClassRow)
            .where(TrainingClassRow.id == second.class_id)
            .values(ends_on=(NOW + timedelta(days=200)).date())
        )
    as_one(kept.person_id, gone.person_id)
    assert shown(take_seat, kept, attempt_id, turn(timedelta(days=60)))
    enrol(second, kept.person_id)
    assert not shown(take_seat, kept, attempt_id, turn(timedelta(days=61)))


def shown(take_seat: TakeSeat, person: Principal, attempt_id: UUID, _at: object) -> bool:
    page = take_seat(person).get(f"/attempts/{attempt_id}/result")
    assert page.status_code == 200
    return CANARY in page.text


def test_a_candidate_opens_no_bank_by_giving_up_a_colleagues_draft(hall: Hall, take_seat: TakeSeat) -> None:
    own_banks(hall)
    class_id = class_to_plan_for(hall)
    grants = {roles.UPLOADER: hall.land.national, roles.CLASS_MANAGER: hall.land.national}
    seat = take_seat(make_person(hall.land.national, "主任兼学员", grants=grants))
    by = at_work(make_person(hall.land.national, "同事"), hall.land.national)
    draft = planning.draft_rules(class_id, by=by, now=NOW)
    planning.add_section(draft, Section("single", 8, 5, hall.banks), by=by, now=NOW)
    assert seat.post(f"/classes/{class_id}/enrolment").status_code == 303
    assert seat.post(*EXPORT).status_code == 403, "the draft names the bank"
    seat.post(f"/staff/exam-drafts/{draft}/withdrawal")
    exported = seat.post(*EXPORT)
    assert (exported.status_code, CANARY in exported.text) == (403, False)
