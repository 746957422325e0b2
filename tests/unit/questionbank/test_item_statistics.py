"""Difficulty and discrimination of an item, against figures worked out by hand."""

import pytest

from lms.questionbank.domain.itemstatistics import FEWEST, Answered, statistics_of
from lms.questionbank.domain.knowledge import Point, path_of, problem_of, tree
from lms.questionbank.domain.similarity import pieces
from lms.questionbank.domain.sketch import PIECES, sketch


def test_who_knows_the_rest_and_who_does_not() -> None:
    good = [Answered(1, 0.9)] * 5 + [Answered(0, 0.1)] * 5
    found = statistics_of(good)
    assert (found.answers, found.difficulty) == (10, 0.5)
    assert found.discrimination == pytest.approx(1.0)
    assert statistics_of([Answered(1 - one.share, one.rest) for one in good]).discrimination == pytest.approx(-1.0)


def test_a_correlation_worked_out_by_hand() -> None:
    answered = [Answered(1, 0.8)] * 6 + [Answered(1, 0.2)] * 2 + [Answered(0, 0.2)] * 2
    # means 0.8 and 0.56; sums of squares 1.6 and 0.864, of products 0.72: 0.72 / sqrt(1.6 * 0.864)
    assert statistics_of(answered).discrimination == pytest.approx(0.72 / (1.6 * 0.864) ** 0.5)


def test_too_few_answers_say_nothing_and_no_spread_discriminates_nothing() -> None:
    assert statistics_of([Answered(1, 0.5)] * (FEWEST - 1)).difficulty is None
    all_right = statistics_of([Answered(1, 0.3 + place / 100) for place in range(FEWEST)])
    assert all_right.difficulty == 1 and all_right.discrimination is None


def test_knowledge_points_nest() -> None:
    assert path_of(" 劳动法 ／ 集体合同 > 程序 ") == "劳动法/集体合同/程序"
    assert tree({"劳动法/集体合同": 2, "劳动法": 1, "": 5, "工会法/会员": 0}) == (
        Point("劳动法", "劳动法", 0, 1, 3),
        Point("劳动法/集体合同", "集体合同", 1, 2, 2),
        Point("工会法", "工会法", 0, 0, 0),
        Point("工会法/会员", "会员", 1, 0, 0),
    )
    assert (
        problem_of("")
        and problem_of("一/二/三/四/五/六")
        and problem_of("长" * 61)
        and not problem_of("一/二/三/四/五")
    )


def test_texts_that_share_much_share_pieces_of_their_sketches() -> None:
    first = pieces("职工一方与用人单位可以就劳动报酬、工作时间、休息休假等事项签订集体合同")
    second = pieces("用人单位与职工一方可以就劳动报酬、工作时间和休息休假等事项签订集体合同")
    assert set(sketch(first)) & set(sketch(second))
    assert len(sketch(first)) == PIECES and sketch(first) == sketch(first)
    assert not set(sketch(first)) & set(sketch(pieces("企业应当依法缴纳工会经费")))
