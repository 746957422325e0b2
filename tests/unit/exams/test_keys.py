"""What an answer of each type earns, against the tables of docs/drawing-and-scoring.md and an independent scorer. Promise T18."""

from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.keys import Accepted, Blank, Blanks, ByHand, Choices, Matches, Number, Partial, number, plain
from lms.exams.domain.scoring import rounded, score

ITEM = UUID(int=1)


def earned(kind: str, key: object, answer: tuple[str, ...], partial: Partial = Partial.ALL_OR_NOTHING, points: int = 4):
    paper = Paper((PaperEntry(1, ITEM, kind, points),))
    return score(paper, {1: answer}, {ITEM: key}, partial).lines[0].earned


@pytest.mark.parametrize(
    ("answer", "whole", "proportional", "minus_wrong"),
    [
        ("DAB", 400, 400, 400),
        ("AB", 0, 267, 267),
        ("A", 0, 133, 133),
        ("ABC", 0, 0, 133),
        ("AC", 0, 0, 0),
        ("ABCD", 0, 0, 267),
        ("", 0, 0, 0),
        ("C", 0, 0, 0),
    ],
)
def test_the_three_rules_of_multiple_choice(answer: str, whole: int, proportional: int, minus_wrong: int) -> None:
    key = Choices(("A", "B", "D"))
    found = [earned("multiple", key, tuple(answer), rule) for rule in Partial]
    assert found == [whole, proportional, minus_wrong]


def independent(right: set[str], chosen: set[str], rule: str, points: int) -> int:
    """Written from the page of the algorithm, in decimals: hundredths, halves up."""
    if chosen == right:
        share = Decimal(1)
    elif rule == "all_or_nothing" or (rule == "proportional" and chosen - right):
        share = Decimal(0)
    else:
        share = max(Decimal(0), Decimal(len(chosen & right) - len(chosen - right)) / Decimal(len(right)))
    return int((share * points * 100 + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR"))


def test_every_answer_to_every_key_of_five_options_is_scored_as_an_independent_scorer_does() -> None:
    options = "ABCDE"
    subsets = list(chain.from_iterable(combinations(options, size) for size in range(6)))
    checked = 0
    for right in subsets[1:]:
        for chosen in subsets[1:]:
            for rule in Partial:
                for points in (1, 2, 3, 4, 7):
                    wanted = independent(set(right), set(chosen), rule.value, points)
                    assert earned("multiple", Choices(right), chosen, rule, points) == wanted
                    checked += 1
    assert checked == 31 * 31 * 3 * 5


@pytest.mark.parametrize(
    ("chosen", "share"),
    [
        pytest.param("AB", Fraction(1), id="ALL_RIGHT"),
        pytest.param("A", Fraction(1, 2), id="HALF"),
        pytest.param("AC", Fraction(0), id="A_WRONG_ONE_TAKES_ALL"),
        pytest.param("ABD", Fraction(3, 4), id="A_WRONG_ONE_TAKES_A_QUARTER"),
        pytest.param("CD", Fraction(0), id="NEVER_BELOW_NOTHING"),
    ],
)
def test_weights_of_gift_and_moodle_count(chosen: str, share: Fraction) -> None:
    weights = {"A": Decimal(50), "B": Decimal(50), "C": Decimal(-100), "D": Decimal(-25)}
    assert Choices(("A", "B"), weights).share(tuple(chosen), Partial.PROPORTIONAL) == share


def test_thirds_of_moodle_are_exact_to_five_places() -> None:
    weights = {key: Decimal("33.33333") for key in "ABC"} | {"D": Decimal("-33.33333")}
    key = Choices(("A", "B", "C"), weights)
    assert abs(key.share(("A", "B"), Partial.MINUS_WRONG) - Fraction(2, 3)) < Fraction(1, 10**5)
    assert earned("multiple", key, ("A", "B"), Partial.MINUS_WRONG, 3) == 200


LAW = Blank((Accepted("工会法"), Accepted("中华人民共和国工会法"), Accepted("劳动法", Decimal(50))))
NUMBERED = Blank((Number(Decimal(50), Decimal("0.5")), Number(Decimal(1200))))
EXACT = Blank((Accepted("ILO"),), case_sensitive=True)
WILD = Blank((Accepted("*代表大会"), Accepted("a\\*b*c")))


@pytest.mark.parametrize(
    ("blank", "typed", "share"),
    [
        pytest.param(LAW, "工会法", 1, id="AS_IT_IS"),
        pytest.param(LAW, "　工 会 法 ", 1, id="SPACES_BESIDE_CHINESE"),
        pytest.param(LAW, "中华人民共和国工会法", 1, id="ALTERNATIVE"),
        pytest.param(LAW, "劳动法", Fraction(1, 2), id="PER_CENT"),
        pytest.param(LAW, "工会", 0, id="WRONG"),
        pytest.param(LAW, "", 0, id="EMPTY"),
        pytest.param(Blank((Accepted("GB/T 38862"),)), "ｇｂ／ｔ  ３８８６２", 1, id="WIDTH_CASE_AND_RUNS_OF_SPACES"),
        pytest.param(Blank((Accepted("GB/T 38862"),)), "GB/T38862", 0, id="A_SPACE_BETWEEN_WORDS_COUNTS"),
        pytest.param(EXACT, "ILO", 1, id="EXACT_CASE"),
        pytest.param(EXACT, "ilo", 0, id="OTHER_CASE"),
        pytest.param(NUMBERED, "５０．５", 1, id="TOLERANCE_UPWARDS"),
        pytest.param(NUMBERED, "49.5", 1, id="TOLERANCE_DOWNWARDS"),
        pytest.param(NUMBERED, "50.51", 0, id="BEYOND_TOLERANCE"),
        pytest.param(NUMBERED, "1,200", 1, id="THOUSANDS"),
        pytest.param(NUMBERED, "12,00", 0, id="NO_THOUSANDS"),
        pytest.param(NUMBERED, "5e1", 1, id="SCIENTIFIC"),
        pytest.param(NUMBERED, "NaN", 0, id="NOT_A_NUMBER"),
        pytest.param(NUMBERED, "1e999999999", 0, id="NO_GIANT"),
        pytest.param(WILD, "职工代表大会", 1, id="WILDCARD"),
        pytest.param(WILD, "职工大会", 0, id="WILDCARD_WITHOUT_ITS_END"),
        pytest.param(WILD, "A*bXXc", 1, id="A_STAR_ITSELF"),
        pytest.param(WILD, "aXbc", 0, id="NO_STAR_THERE"),
        pytest.param(Blank((Accepted("*", Decimal(25)),)), "随便", Fraction(1, 4), id="ANYTHING"),
    ],
)
def test_what_fits_a_blank(blank: Blank, typed: str, share: Fraction | int) -> None:
    assert Blanks((blank,)).share((typed,), Partial.ALL_OR_NOTHING) == share


def test_blanks_and_prompts_count_one_by_one() -> None:
    assert earned("fill_in", Blanks((LAW, NUMBERED, EXACT)), ("工会法", "7", "ILO"), points=4) == 267
    assert earned("fill_in", Blanks((LAW, NUMBERED)), ("工会法",), points=3) == 150
    assert earned("matching", Matches(("1", "2", "3")), ("1", "3", "3"), points=1) == 67
    assert earned("matching", Matches(("1", "2", "3")), ("", "", ""), points=1) == 0


def test_people_mark_texts_and_a_blank_one_needs_nobody() -> None:
    paper = Paper((PaperEntry(1, ITEM, "short_answer", 10), PaperEntry(2, UUID(int=2), "single", 2, ("A", "B"))))
    keys = {ITEM: ByHand("要点"), UUID(int=2): Choices(("A",))}
    waiting = score(paper, {1: ("我的回答",), 2: ("A",)}, keys)
    assert (waiting.complete, waiting.total, waiting.maximum) == (False, 200, 1200)
    marked = score(paper, {1: ("我的回答",), 2: ("A",)}, keys, marks={1: 750})
    assert (marked.complete, marked.total) == (True, 950)
    assert score(paper, {2: ("A",)}, keys).complete


@pytest.mark.parametrize(
    ("share", "hundredths"), [((1, 3), 133), ((2, 3), 267), ((1, 800), 1), ((1, 801), 0), ((1, 1), 400)]
)
def test_halves_round_up(share: tuple[int, int], hundredths: int) -> None:
    assert rounded(4, Fraction(*share)) == hundredths


@given(st.text(max_size=60))
def test_the_form_for_comparing_is_stable(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    number(text)  # never raises


@given(st.lists(st.text(max_size=20), max_size=4).map(tuple), st.sampled_from(Partial))
def test_no_typed_answer_raises_or_leaves_the_bounds(given_: tuple[str, ...], partial: Partial) -> None:
    for key in (Blanks((LAW, NUMBERED, WILD)), Matches(("1", "2")), Choices(("A", "B"))):
        assert 0 <= key.share(given_, partial) <= 1
