"""What a page may send as an answer, and the one form in which it is stored."""

import math

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.answers import Fault, Invalid, normalise
from tests.factories.qualification import id_number_of

KEYS = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("value", "type_", "stored"),
    [
        pytest.param(["B"], "single", ("B",), id="SINGLE"),
        pytest.param("B", "single", ("B",), id="SINGLE_AS_TEXT"),
        pytest.param(["B", "B"], "single", ("B",), id="SINGLE_REPEATED"),
        pytest.param([], "single", (), id="SINGLE_TAKEN_BACK"),
        pytest.param(None, "single", (), id="NULL"),
        pytest.param("", "multiple", (), id="EMPTY_TEXT"),
        pytest.param(["D", "A"], "multiple", ("A", "D"), id="MULTIPLE_IN_THE_AUTHORS_ORDER"),
        pytest.param(["A"], "multiple", ("A",), id="MULTIPLE_WITH_ONE"),
        pytest.param(list("ABCD"), "multiple", KEYS, id="MULTIPLE_WITH_ALL"),
    ],
)
def test_answers_are_stored_in_one_form(value: object, type_: str, stored: tuple[str, ...]) -> None:
    assert normalise(value, type_, KEYS) == stored


@pytest.mark.parametrize(
    ("value", "stored"), [(True, ("T",)), (False, ("F",)), (["T"], ("T",)), ("F", ("F",)), ([], ()), (None, ())]
)
def test_true_or_false_may_come_as_a_boolean(value: object, stored: tuple[str, ...]) -> None:
    assert normalise(value, "true_false", ("T", "F")) == stored


@pytest.mark.parametrize(
    ("value", "type_", "fault"),
    [
        pytest.param(["A", "B"], "single", Fault.ONE_OPTION_ONLY, id="TWO_OF_A_SINGLE"),
        pytest.param(["E"], "single", Fault.UNKNOWN_OPTION, id="UNKNOWN_KEY"),
        pytest.param("AB", "multiple", Fault.UNKNOWN_OPTION, id="KEYS_RUN_TOGETHER"),
        pytest.param(["a"], "single", Fault.UNKNOWN_OPTION, id="LOWER_CASE"),
        pytest.param(True, "single", Fault.NOT_A_CHOICE, id="BOOLEAN_FOR_A_CHOICE"),
        pytest.param(1, "multiple", Fault.NOT_A_CHOICE, id="NUMBER"),
        pytest.param(math.nan, "multiple", Fault.NOT_A_CHOICE, id="NOT_A_NUMBER"),
        pytest.param([1, None], "multiple", Fault.NOT_A_CHOICE, id="LIST_OF_OTHER_THINGS"),
        pytest.param([["A"]], "multiple", Fault.NOT_A_CHOICE, id="NESTED"),
        pytest.param({"A": True}, "multiple", Fault.NOT_A_CHOICE, id="OBJECT"),
        pytest.param(["T", "F"], "true_false", Fault.UNKNOWN_OPTION, id="OPTIONS_OF_ANOTHER_ITEM"),
    ],
)
def test_anything_else_is_refused_with_the_reason(value: object, type_: str, fault: Fault) -> None:
    assert normalise(value, type_, KEYS) == Invalid(fault)


@given(st.lists(st.sampled_from(KEYS)))
def test_the_stored_form_is_stable(chosen: list[str]) -> None:
    once = normalise(chosen, "multiple", KEYS)
    assert isinstance(once, tuple)
    assert normalise(list(once), "multiple", KEYS) == normalise(list(reversed(chosen)), "multiple", KEYS) == once


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["single", "multiple", "true_false"]))
def test_no_json_value_raises(value: object, type_: str) -> None:
    answer = normalise(value, type_, KEYS)
    assert isinstance(answer, Invalid) or set(answer) <= set(KEYS)


@pytest.mark.parametrize("type_", ["short_answer", "case", "fill_in"])
def test_an_id_number_is_struck_out_and_the_rest_is_kept(type_: str) -> None:
    number = id_number_of(1)
    (stored,) = normalise([f"职工张某（{number}）被辞退，见２０１８年通知"], type_, ())
    assert number not in stored and stored.startswith("职工张某") and stored.endswith("年通知")
    assert normalise([stored], type_, ()) == (stored,)
    plain = "第２３条：会员 12351 人，热线 12351，2018-2021"
    assert normalise([plain], type_, ()) == (plain,), "without one it stays as it was typed"
