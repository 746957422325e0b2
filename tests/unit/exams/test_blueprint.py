"""A plan that can't give a fair paper is refused when it is made. Requirement 30."""

import pytest

from lms.exams.domain.blueprint import Blueprint, BlueprintInvalid, Section

BANKS = tuple(f"C{n}" for n in range(1, 9))
SECTIONS = (Section("single", 10, 4, BANKS), Section("multiple", 10, 4, BANKS), Section("true_false", 10, 2, BANKS))


def test_the_plan_of_the_eight_courses_is_worth_a_hundred_points() -> None:
    blueprint = Blueprint(SECTIONS, minutes=60, pass_mark=60, max_attempts=3)
    assert blueprint.maximum == 100
    blueprint.require_total(100)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"sections": ()}, {"sections", "pass_mark"}, id="NO_SECTION"),
        pytest.param({"minutes": 0}, {"minutes"}, id="NO_TIME"),
        pytest.param({"max_attempts": 0}, {"max_attempts"}, id="NO_ATTEMPT"),
        pytest.param({"pass_mark": 0}, {"pass_mark"}, id="PASSED_BY_DOING_NOTHING"),
        pytest.param({"pass_mark": 101}, {"pass_mark"}, id="CANNOT_BE_PASSED"),
        pytest.param({"sections": (Section("single", 0, 4, BANKS), *SECTIONS[1:])}, {"sections.1.count"}, id="NO_ITEM"),
        pytest.param(
            {"sections": (*SECTIONS[:2], Section("true_false", 10, -2, BANKS))},
            {"sections.3.points"},
            id="NEGATIVE_POINTS",
        ),
        pytest.param(
            {"sections": (*SECTIONS, Section("essay", 1, 10, BANKS))}, {"sections.4.type"}, id="NO_KEY_CAN_SCORE_IT"
        ),
        pytest.param(
            {"sections": (*SECTIONS[:2], Section("true_false", 10, 2, ()))}, {"sections.3.banks"}, id="NO_BANK"
        ),
        pytest.param({"sections": (*SECTIONS, Section("single", 1, 4, ("C3",)))}, {"sections"}, id="SAME_CELL_TWICE"),
        pytest.param({"sections": (Section("single", 25, 4, ("C1", "C1")),)}, {"sections"}, id="SAME_BANK_TWICE"),
    ],
)
def test_faults_are_named_by_field(changes: dict, fields: set[str]) -> None:
    with pytest.raises(BlueprintInvalid) as refusal:
        Blueprint(**{"sections": SECTIONS, "minutes": 60, "pass_mark": 60, "max_attempts": 3, **changes})
    assert set(refusal.value.fields) == fields


def test_a_total_other_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(BlueprintInvalid) as refusal:
        Blueprint(SECTIONS, minutes=60, pass_mark=60, max_attempts=3).require_total(120)
    assert refusal.value.extra == {"maximum": 100, "total": 120}
