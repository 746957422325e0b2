"""Whom the draft of a colleague keeps out of a bank does not open it by giving that draft up."""

from datetime import timedelta

from lms.access.domain import roles
from lms.classes import service as classes
from lms.exams.domain.blueprint import Section
from lms.exams.service import planning
from tests.factories.cadres import at_work
from tests.factories.exams import CANARY, NOW, Hall, own_banks
from tests.factories.people import make_person
from tests.web.exams.test_who_is_going_to_sit import EXPORT, TakeSeat


def test_a_candidate_opens_no_bank_by_giving_up_a_colleagues_draft(hall: Hall, take_seat: TakeSeat) -> None:
    own_banks(hall)
    plan = classes.ClassPlan(
        "新班", "工会干部", "centralized", "open", NOW.date(), NOW.date() + timedelta(days=9), "证书", "JY",
        hall.land.national.id, hall.course_ids, False,
    )  # fmt: skip
    class_id = classes.create_class(plan, actor_id=None, now=NOW)
    classes.advance_phase(class_id, "implement", actor_id=None, now=NOW)
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
