"""Scoring by key, as in the table of docs/drawing-and-scoring.md. Requirement 35."""

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.keys import Choices, Key
from lms.exams.domain.scoring import KeyMissing, score

SINGLE, MULTIPLE, JUDGEMENT = UUID(int=1), UUID(int=2), UUID(int=3)
KEYS = {SINGLE: Choices(("B",)), MULTIPLE: Choices(("A", "B", "D")), JUDGEMENT: Choices(("F",))}
PAPER = Paper(
    (
        PaperEntry(1, SINGLE, "single", 4, ("C", "B", "A", "D")),
        PaperEntry(2, MULTIPLE, "multiple", 4, ("D", "B", "A", "C")),
        PaperEntry(3, JUDGEMENT, "true_false", 2, ("T", "F")),
    )
)


@pytest.mark.parametrize(
    ("answers", "earned"),
    [
        pytest.param({1: ("B",), 2: ("A", "B", "D"), 3: ("F",)}, [4, 4, 2], id="ALL_RIGHT"),
        pytest.param({2: ("D", "A", "B")}, [0, 4, 0], id="ORDER_DOES_NOT_MATTER"),
        pytest.param({2: ("A", "B")}, [0, 0, 0], id="ONE_MISSING"),
        pytest.param({2: ("A", "B", "C", "D")}, [0, 0, 0], id="ONE_TOO_MANY"),
        pytest.param({2: ("A", "C")}, [0, 0, 0], id="RIGHT_AND_WRONG"),
        pytest.param({2: ()}, [0, 0, 0], id="TAKEN_BACK"),
        pytest.param({1: ("A",), 3: ("T",)}, [0, 0, 0], id="WRONG_COSTS_NOTHING"),
        pytest.param({}, [0, 0, 0], id="BLANK"),
        pytest.param({9: ("B",)}, [0, 0, 0], id="NO_SUCH_POSITION"),
    ],
)
def test_points_for_answers(answers: dict[int, tuple[str, ...]], earned: list[int]) -> None:
    assert [line.earned for line in score(PAPER, answers, KEYS).lines] == [points * 100 for points in earned]


def test_the_sheet_shows_what_was_given_and_what_was_right() -> None:
    sheet = score(PAPER, {1: ("A",)}, KEYS)
    assert (sheet.total, sheet.maximum) == (0, 1000)
    first = sheet.lines[0]
    assert (first.position, first.version_id, first.given, first.key, first.points) == (1, SINGLE, ("A",), ("B",), 4)


@pytest.mark.parametrize(
    "keys", [{}, {SINGLE: Choices(()), MULTIPLE: Choices(("A",)), JUDGEMENT: Choices(("T",))}], ids=["ABSENT", "EMPTY"]
)
def test_an_item_without_a_key_is_an_error_and_no_zero(keys: dict[UUID, Key]) -> None:
    with pytest.raises(KeyMissing):
        score(PAPER, {}, keys)


answer_sets = st.dictionaries(st.integers(0, 5), st.lists(st.sampled_from("ABCDTF"), max_size=5).map(tuple))


@given(answer_sets)
def test_a_score_lies_between_nothing_and_everything(answers: dict[int, tuple[str, ...]]) -> None:
    sheet = score(PAPER, answers, KEYS)
    assert 0 <= sheet.total <= sheet.maximum == 1000
    assert sheet.total == sum(line.earned for line in sheet.lines)
    assert all(line.earned in (0, line.points * 100) for line in sheet.lines)
