"""What is told of an item's figures, how knowledge points nest, and what is alike."""

from lms.questionbank.domain.itemstatistics import FEWEST, ItemStatistics, told
from lms.questionbank.domain.knowledge import Point, path_of, problem_of, tree
from lms.questionbank.domain.similarity import pieces
from lms.questionbank.domain.sketch import PIECES, sketch


def test_too_few_answers_say_nothing() -> None:
    assert told(FEWEST - 1, 0.5, 0.4) == ItemStatistics(FEWEST - 1, None, None)
    assert told(FEWEST, 0.5, 0.4) == ItemStatistics(FEWEST, 0.5, 0.4)


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
