"""Who may have a certificate, as a table of cases."""

from dataclasses import replace

import pytest

from lms.certificates.domain.eligibility import LearnerFacts, Need, eligibility

COURSES = ("劳动关系与工会", "工资集体协商")
DONE = LearnerFacts(
    enrolled=True,
    class_phase="implement",
    required_courses=2,
    missing_courses=(),
    exam_passed=True,
    identity_confirmed=True,
)

CASES = {
    "everything done": (DONE, ()),
    "class is summing up": (replace(DONE, class_phase="summarise"), ()),
    "not enrolled": (replace(DONE, enrolled=False), (Need.ENROLMENT,)),
    "one course open": (replace(DONE, missing_courses=COURSES[:1]), (Need.COURSES,)),
    "class without courses": (replace(DONE, required_courses=0), (Need.COURSES,)),
    "exam not passed": (replace(DONE, exam_passed=False), (Need.EXAM,)),
    "class still being designed": (replace(DONE, class_phase="design"), (Need.PHASE,)),
    "nobody vouches for them": (replace(DONE, identity_confirmed=False), (Need.IDENTITY,)),
    "nothing done": (LearnerFacts(False, "design", 2, COURSES, False, False), tuple(Need)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_still_needed(case: str) -> None:
    facts, needs = CASES[case]
    checklist = eligibility(facts)
    assert checklist.unmet == needs
    assert checklist.met == (not needs)


def test_the_checklist_always_shows_all_conditions_and_names_missing_courses() -> None:
    checklist = eligibility(replace(DONE, missing_courses=COURSES[1:]))
    assert [condition.need for condition in checklist.conditions] == list(Need)
    assert checklist.conditions[1].missing == ("工资集体协商",)
