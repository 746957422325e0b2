"""The plan of a mock exam: the exam's own, shortened to what the practice banks hold, and never easier."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.rehearsal import rehearsal

BANKS = tuple(f"C{n}" for n in range(1, 9))
EXAM = Blueprint(
    (Section("single", 10, 4, BANKS), Section("multiple", 10, 4, BANKS), Section("true_false", 10, 2, BANKS)),
    minutes=60,
    pass_mark=60,
    max_attempts=3,
)


def test_with_enough_items_it_is_the_exam_itself() -> None:
    plan = rehearsal(EXAM, {"single": 99, "multiple": 10, "true_false": 10}, "practice")
    assert plan is not None
    assert (plan.questions, plan.maximum, plan.minutes, plan.pass_mark) == (30, 100, 60, 60)
    assert plan.banks == ("practice",)


@pytest.mark.parametrize(
    ("held", "questions", "maximum", "minutes", "pass_mark"),
    [
        ({"single": 5, "multiple": 5, "true_false": 5}, 15, 50, 30, 30),
        ({"single": 1}, 1, 4, 2, 3),  # 2.4 points and 2 minutes, rounded up
        ({"true_false": 3}, 3, 6, 6, 4),
    ],
)
def test_with_fewer_items_minutes_and_pass_mark_shrink_in_proportion_rounded_up(
    held: dict[str, int], questions: int, maximum: int, minutes: int, pass_mark: int
) -> None:
    plan = rehearsal(EXAM, held, "practice")
    assert plan is not None
    assert (plan.questions, plan.maximum, plan.minutes, plan.pass_mark) == (questions, maximum, minutes, pass_mark)


@given(st.dictionaries(st.sampled_from(["single", "multiple", "true_false"]), st.integers(0, 20)))
def test_it_is_never_easier_than_the_exam(held: dict[str, int]) -> None:
    plan = rehearsal(EXAM, held, "practice")
    if plan is None:
        assert not any(held.values())
    else:
        assert Fraction(plan.pass_mark, plan.maximum) >= Fraction(EXAM.pass_mark, EXAM.maximum)
        assert all(section.count <= held[section.type] for section in plan.sections)


def test_what_people_mark_and_what_the_banks_lack_is_left_out() -> None:
    by_hand = Blueprint(
        (Section("single", 2, 5, BANKS), Section("case", 1, 20, BANKS)), minutes=30, pass_mark=18, max_attempts=1
    )
    plan = rehearsal(by_hand, {"single": 9, "case": 9, "fill_in": 9}, "practice")
    assert plan is not None
    assert [(section.type, section.count) for section in plan.sections] == [("single", 2)]
    assert rehearsal(by_hand, {"case": 9}, "practice") is None


def test_sections_of_one_type_are_asked_together() -> None:
    two = Blueprint(
        (Section("single", 2, 5, ("C1",)), Section("single", 3, 5, ("C2",))), minutes=10, pass_mark=15, max_attempts=1
    )
    plan = rehearsal(two, {"single": 9}, "practice")
    assert plan is not None
    assert [(section.count, section.points) for section in plan.sections] == [(5, 5)]
