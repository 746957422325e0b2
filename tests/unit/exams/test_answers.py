"""What a page may send as an answer, and the one form in which it is stored."""

import math
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.answers import Fault, Invalid, names_on_page, normalise, on_page
from lms.exams.domain.drawing import PaperEntry
from tests.factories.qualification import id_number_of

KEYS = ("A", "B", "C", "D")
ORDER = ("C", "A", "D", "B")
"""As one candidate sees them: the page calls C o1, A o2, D o3 and B o4."""
NUMBERS = ("2", "10", "1", "3")
"""The same of a matching item: 2 is o1, 10 is o2, 1 is o3 and 3 is o4."""


@pytest.mark.parametrize(
    ("value", "type_", "stored"),
    [
        pytest.param(["o4"], "single", ("B",), id="SINGLE"),
        pytest.param("o4", "single", ("B",), id="SINGLE_AS_TEXT"),
        pytest.param(["o4", "o4"], "single", ("B",), id="SINGLE_REPEATED"),
        pytest.param([], "single", (), id="SINGLE_TAKEN_BACK"),
        pytest.param(None, "single", (), id="NULL"),
        pytest.param("", "multiple", (), id="EMPTY_TEXT"),
        pytest.param(["o1", "o2"], "multiple", ("A", "C"), id="MULTIPLE_IN_THE_AUTHORS_ORDER"),
        pytest.param(["o2"], "multiple", ("A",), id="MULTIPLE_WITH_ONE"),
        pytest.param(["o1", "o2", "o3", "o4"], "multiple", KEYS, id="MULTIPLE_WITH_ALL"),
    ],
)
def test_answers_are_stored_in_one_form(value: object, type_: str, stored: tuple[str, ...]) -> None:
    assert normalise(value, type_, ORDER) == stored


@pytest.mark.parametrize(
    ("value", "stored"), [(True, ("T",)), (False, ("F",)), (["T"], ("T",)), ("F", ("F",)), ([], ()), (None, ())]
)
def test_true_or_false_may_come_as_a_boolean(value: object, stored: tuple[str, ...]) -> None:
    assert normalise(value, "true_false", ("T", "F")) == stored


@pytest.mark.parametrize(
    ("value", "type_", "fault"),
    [
        pytest.param(["o1", "o2"], "single", Fault.ONE_OPTION_ONLY, id="TWO_OF_A_SINGLE"),
        pytest.param(["o5"], "single", Fault.UNKNOWN_OPTION, id="UNKNOWN_NAME"),
        pytest.param("o1o2", "multiple", Fault.UNKNOWN_OPTION, id="NAMES_RUN_TOGETHER"),
        pytest.param(["O1"], "single", Fault.UNKNOWN_OPTION, id="UPPER_CASE"),
        pytest.param(["o0"], "single", Fault.UNKNOWN_OPTION, id="BEFORE_THE_FIRST"),
        pytest.param(["o01"], "single", Fault.UNKNOWN_OPTION, id="WITH_A_ZERO"),
        pytest.param(["A"], "single", Fault.UNKNOWN_OPTION, id="THE_AUTHORS_LETTER"),
        pytest.param("B", "single", Fault.UNKNOWN_OPTION, id="THE_AUTHORS_LETTER_AS_TEXT"),
        pytest.param(["o1", "A"], "multiple", Fault.UNKNOWN_OPTION, id="THE_AUTHORS_LETTER_BESIDE_A_NAME"),
        pytest.param(True, "single", Fault.NOT_A_CHOICE, id="BOOLEAN_FOR_A_CHOICE"),
        pytest.param(1, "multiple", Fault.NOT_A_CHOICE, id="NUMBER"),
        pytest.param(math.nan, "multiple", Fault.NOT_A_CHOICE, id="NOT_A_NUMBER"),
        pytest.param([1, None], "multiple", Fault.NOT_A_CHOICE, id="LIST_OF_OTHER_THINGS"),
        pytest.param([["o1"]], "multiple", Fault.NOT_A_CHOICE, id="NESTED"),
        pytest.param({"o1": True}, "multiple", Fault.NOT_A_CHOICE, id="OBJECT"),
        pytest.param(["T", "F"], "true_false", Fault.UNKNOWN_OPTION, id="OPTIONS_OF_ANOTHER_ITEM"),
    ],
)
def test_anything_else_is_refused_with_the_reason(value: object, type_: str, fault: Fault) -> None:
    assert normalise(value, type_, ORDER) == Invalid(fault)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        pytest.param(["o2", "o4"], ("10", "3"), id="BY_THE_PAGES_NAMES"),
        pytest.param(["o1", "o1"], ("2", "2"), id="ONE_FOR_TWO_PROMPTS"),
        pytest.param(["", "o3"], ("", "1"), id="THE_SECOND_ONLY"),
        pytest.param(["o3"], ("1", ""), id="THE_FIRST_ONLY"),
        pytest.param(["", ""], (), id="TAKEN_BACK"),
        pytest.param(["1", "2"], Invalid(Fault.UNKNOWN_OPTION), id="THE_AUTHORS_NUMBERS"),
        pytest.param(["o1", "3"], Invalid(Fault.UNKNOWN_OPTION), id="THE_AUTHORS_NUMBER_BESIDE_A_NAME"),
        pytest.param(["o5"], Invalid(Fault.UNKNOWN_OPTION), id="UNKNOWN_NAME"),
        pytest.param(["o1", "o2", "o3"], Invalid(Fault.TOO_MANY), id="MORE_THAN_PROMPTS"),
    ],
)
def test_what_is_matched_is_stored_prompt_by_prompt(value: list[str], answer: tuple[str, ...] | Invalid) -> None:
    assert normalise(value, "matching", NUMBERS, places=2) == answer


def test_the_page_calls_options_by_their_place_and_true_and_false_by_themselves() -> None:
    by_place = {"C": "o1", "A": "o2", "D": "o3", "B": "o4"}
    assert names_on_page("single", ORDER) == names_on_page("multiple", ORDER) == by_place
    assert names_on_page("matching", NUMBERS) == {"2": "o1", "10": "o2", "1": "o3", "3": "o4"}
    assert names_on_page("true_false", ("T", "F")) == {"T": "T", "F": "F"}
    assert names_on_page("fill_in", ()) == names_on_page("case", ()) == {}


@pytest.mark.parametrize(
    ("stored", "type_", "order", "told"),
    [
        pytest.param(("B",), "single", ORDER, ("o4",), id="SINGLE"),
        pytest.param(("A", "B", "C"), "multiple", ORDER, ("o1", "o2", "o4"), id="MULTIPLE_AS_THEY_STAND_ON_THE_PAGE"),
        pytest.param(("F",), "true_false", ("T", "F"), ("F",), id="FALSE"),
        pytest.param(("10", "", "2"), "matching", NUMBERS, ("o2", "", "o1"), id="MATCHING_PROMPT_BY_PROMPT"),
        pytest.param(("1", "A"), "fill_in", (), ("1", "A"), id="TEXTS_STAY"),
        pytest.param(("A",), "short_answer", (), ("A",), id="A_TEXT_STAYS"),
        pytest.param((), "multiple", ORDER, (), id="NOTHING_CHOSEN"),
        pytest.param((), "matching", NUMBERS, (), id="NOTHING_MATCHED"),
    ],
)
def test_what_is_stored_is_told_as_the_page_says_it(
    stored: tuple[str, ...], type_: str, order: tuple[str, ...], told: tuple[str, ...]
) -> None:
    assert on_page(stored, type_, order) == told
    assert PaperEntry(1, UUID(int=1), type_, 4, order).on_page(stored) == told


orders = st.integers(2, 12).flatmap(lambda size: st.permutations([chr(ord("A") + number) for number in range(size)]))
numbered = st.integers(2, 12).flatmap(lambda size: st.permutations([str(number) for number in range(1, size + 1)]))


@given(orders, st.data())
def test_what_is_chosen_comes_back_as_it_was_sent(order: list[str], data: st.DataObject) -> None:
    names = [f"o{place}" for place in range(1, len(order) + 1)]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    stored = normalise(chosen, "multiple", order)
    assert isinstance(stored, tuple) and stored == tuple(sorted(stored)) and set(stored) <= set(order)
    assert on_page(stored, "multiple", order) == tuple(sorted(chosen, key=names.index))
    one = normalise(chosen[:1], "single", order)
    assert one == (order[names.index(chosen[0])],)
    assert on_page(one, "single", order) == (chosen[0],)


@given(numbered, st.data())
def test_what_is_matched_comes_back_as_it_was_sent(order: list[str], data: st.DataObject) -> None:
    names = ["", *(f"o{place}" for place in range(1, len(order) + 1))]
    sent = data.draw(st.lists(st.sampled_from(names), min_size=3, max_size=3).filter(any))
    stored = normalise(sent, "matching", order, places=3)
    assert isinstance(stored, tuple)
    assert on_page(stored, "matching", order) == tuple(sent)


@given(st.sampled_from(["T", "F"]), st.sampled_from([("T", "F"), ("F", "T")]))
def test_true_and_false_come_back_as_they_were_sent(said: str, order: tuple[str, ...]) -> None:
    stored = normalise([said], "true_false", order)
    assert stored == (said,) and on_page(stored, "true_false", order) == (said,)


@given(st.sampled_from([("single", 1), ("multiple", 1), ("matching", 3)]), orders, numbered, st.data())
def test_no_key_of_an_author_is_a_name(
    kind: tuple[str, int], letters: list[str], numbers: list[str], data: st.DataObject
) -> None:
    type_, places = kind
    order = numbers if type_ == "matching" else letters
    key = data.draw(st.sampled_from(order))
    assert normalise([key], type_, order, places=places) == Invalid(Fault.UNKNOWN_OPTION)
    assert normalise(key, type_, order, places=places) == Invalid(Fault.UNKNOWN_OPTION)


@given(st.permutations(KEYS), st.lists(st.sampled_from(["o1", "o2", "o3", "o4"])))
def test_the_stored_form_is_stable(order: list[str], chosen: list[str]) -> None:
    once = normalise(chosen, "multiple", order)
    assert isinstance(once, tuple)
    again = normalise(list(on_page(once, "multiple", order)), "multiple", order)
    assert again == normalise(list(reversed(chosen)), "multiple", order) == once


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["single", "multiple", "true_false"]))
def test_no_json_value_raises(value: object, type_: str) -> None:
    answer = normalise(value, type_, ORDER)
    assert isinstance(answer, Invalid) or set(answer) <= set(KEYS)


@pytest.mark.parametrize("type_", ["short_answer", "case", "fill_in"])
def test_an_id_number_is_struck_out_and_the_rest_is_kept(type_: str) -> None:
    number = id_number_of(1)
    (stored,) = normalise([f"职工张某（{number}）被辞退，见２０１８年通知"], type_, ())
    assert number not in stored and stored.startswith("职工张某") and stored.endswith("年通知")
    assert normalise([stored], type_, ()) == (stored,)
    plain = "第２３条：会员 12351 人，热线 12351，2018-2021"
    assert normalise([plain], type_, ()) == (plain,), "without one it stays as it was typed"
