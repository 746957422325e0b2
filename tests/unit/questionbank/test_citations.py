"""What an item rests on can be read, written and looked up in the index of the laws."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.citations import LawCitation, Notion, parse_citations
from lms.questionbank.domain.numerals import chinese, value_of
from lms.questionbank.domain.sourceindex import SourceIndex, read_index
from tests.unit.questionbank.banks import index

SOURCES = Path(__file__).parents[3] / "question_banks" / "sources"

NUMERALS = {1: "一", 10: "十", 12: "十二", 20: "二十", 100: "一百", 105: "一百零五", 110: "一百一十", 1001: "一千零一"}


@pytest.mark.parametrize("number", NUMERALS)
def test_numerals_are_those_of_the_laws(number: int) -> None:
    assert chinese(number) == NUMERALS[number]


@given(st.integers(1, 9999))
def test_numerals_are_read_back(number: int) -> None:
    assert value_of(chinese(number)) == number


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_there_is_no_numeral_beyond_the_range(number: int) -> None:
    with pytest.raises(ValueError, match="no numeral"):
        chinese(number)


@pytest.mark.parametrize("text", ["", "甲", "第一", "²", "1" * 10])
def test_other_text_is_no_number(text: str) -> None:
    assert value_of(text) is None


READ = {
    "工会法 第二条": (LawCitation("工会法", 2),),
    "《工会法》第二条第一款": (LawCitation("工会法", 2, paragraph=1),),
    "劳动合同法 第十四条 第二款 第三项": (LawCitation("劳动合同法", 14, paragraph=2, point=3),),
    "劳动法 第二十五条 第（二）项": (LawCitation("劳动法", 25, point=2),),
    "审理劳动争议案件解释(一)第１条": (LawCitation("审理劳动争议案件解释（一）", 1),),
    "刑法 第二百七十六条之一": (LawCitation("刑法", 276, branch=1),),
    "劳动合同法 第三十九条、第四十条": (LawCitation("劳动合同法", 39), LawCitation("劳动合同法", 40)),
    "工会法 第十条 第二款、第三款": (LawCitation("工会法", 10, paragraph=2), LawCitation("工会法", 10, paragraph=3)),
    "工会法 第二条；劳动法 第七条": (LawCitation("工会法", 2), LawCitation("劳动法", 7)),
    "通说：工会具有群众性、阶级性": (Notion("工会具有群众性、阶级性"),),
}


@pytest.mark.parametrize("text", READ)
def test_reads(text: str) -> None:
    assert parse_citations(text) == (READ[text], ())


@pytest.mark.parametrize("text", ["工会法", "第二条", "工会法 第二款", "工会法 第零条", "参见工会法第二条的规定"])
def test_names_what_is_no_citation(text: str) -> None:
    assert parse_citations(text) == ((), (text,))


FAULTS = {
    "an unknown law": (LawCitation("民法典", 1), "《民法典》不在 sources 的法律清单里"),
    "an article that does not exist": (LawCitation("工会法", 3), "没有这一条，最后一条是第二条"),
    "a branch of an article": (LawCitation("工会法", 2, branch=1), "没有这一条"),
    "a paragraph that does not exist": (LawCitation("工会法", 2, paragraph=3), "第二条只有 2 款，引用了第三款"),
    "a point that does not exist": (LawCitation("工会法", 2, paragraph=2, point=4), "只有 3 项，引用了第四项"),
    "a point without its paragraph": (LawCitation("工会法", 2, point=1), "引用到项时要写明是哪一款"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_the_index_finds(case: str) -> None:
    citation, message = FAULTS[case]

    assert message in (index().fault(citation) or "")


@pytest.mark.parametrize(
    "citation",
    [
        LawCitation("工会法", 2, paragraph=2, point=3),
        LawCitation("中华人民共和国工会法", 1),
        LawCitation("集体合同规定", 999),
    ],
)
def test_the_index_has_no_fault_to_find(citation: LawCitation) -> None:
    assert index().fault(citation) is None


def test_two_laws_may_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="two laws are called 甲"):
        read_index(['[[laws]]\nname = "甲"\n[[laws]]\nname = "甲"\n'])


@pytest.fixture(scope="module")
def real_index() -> SourceIndex:
    return read_index(path.read_text("utf-8") for path in sorted(SOURCES.glob("*.toml")))


LAST_ARTICLES = {
    "工会法": 58,
    "劳动合同法": 98,
    "劳动合同法实施条例": 38,
    "劳动争议调解仲裁法": 54,
    "劳动法": 107,
    "社会保险法": 98,
    "女职工劳动保护特别规定": 16,
    "工会法司法解释": 8,
    "劳动争议司法解释一": 54,
}


@pytest.mark.parametrize("name", LAST_ARTICLES)
def test_each_article_of_the_law_is_indexed_with_a_short_subject(real_index: SourceIndex, name: str) -> None:
    law = real_index.law(name)

    assert law is not None
    assert sorted(law.articles) == list(range(1, LAST_ARTICLES[name] + 1))
    assert all(4 <= len(article.governs) <= 20 for article in law.articles.values())
    assert all(article.items and min(article.items) >= 0 for article in law.articles.values())


def test_the_index_says_what_an_article_governs(real_index: SourceIndex) -> None:
    assert real_index.governs(LawCitation("劳动合同法", 82)) == "未订书面合同的二倍工资"
    assert real_index.governs(LawCitation("劳动合同法", 99)) is None
    assert real_index.governs(LawCitation("集体合同规定", 1)) is None
