"""What is written like an ID number is found in long texts, and numbers of other sorts are left alone."""

import pytest

from lms.kernel.numbers import tells_an_id_number, without_id_numbers


@pytest.mark.parametrize(
    "text",
    [
        "身份证号330102198001010015。",
        "330102 19800101 0015",
        "330102-19800101-001X",
        "３３０１０２１９８００１０１００１５",
        "330102198001010019",  # a typing error leaves the rest in clear
        "33010220050131001x",
        "ID330102198001010015",
        "330102198001010015abc",
        "330102.19800101.0015",
        "330102/1980-01-01/*0015",
        "①330102198001010015②330102198001010015",
        "330102198001010015²",
        "330102198001010015330102198001010015",  # two in a row
        "330102 - 19800101 - 0015",
        "<span>330102</span>19800101<b>0015</b>",
        "330102&nbsp;19800101&#160;0015",
        "**330102** **19800101** **0015**",
        "330102     19800101     0015",
        "330102 |\n\n      19800101 |\n   0015",
        "33010219800101001×",
        "33010219800101001Х",
    ],
)
def test_found(text: str) -> None:
    assert tells_an_id_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-27 10:00—12:00，2026-11-28 10:00—12:00",
        "热线 12351，单位电话 0571-87654321",
        "统一社会信用代码 91110000100017643K",
        "1234567890123456789012",
        "330102198013010015",  # no month 13
        "2018 2019 2020 2021 2022",
        "2018-01-20 2019-12-31 1234",
        "① 2018 年；② 2019-12-31；③ 12351",
        "1 < 2 & 3 > 2，见 2018.01.20 - 2019.12.31，共 1234 人",
    ],
)
def test_left_alone(text: str) -> None:
    assert not tells_an_id_number(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("张某 330102198001010015 被辞退", "张某 *** 被辞退"),
        ("330102198001010015330102198001010015", "******"),
        ("330102 - 19800101 - 0015，其余", "***,其余"),
        ("①３３０１０２１９８００１０１００１５", " 1 ***"),
        ("第①条，热线１２３５１", "第①条，热线１２３５１"),
    ],
)
def test_struck_out(text: str, left: str) -> None:
    assert without_id_numbers(text) == left and not tells_an_id_number(left)
