"""What is written like an ID number is found in long texts, and numbers of other sorts are left alone."""

import json
import random
import time
from pathlib import Path

import pytest

from lms.kernel.numbers import (
    check_character,
    tells_a_number,
    tells_an_id_number,
    without_id_numbers,
    without_numbers,
    without_typed_id_numbers,
)
from lms.kernel.quoted_numbers import without_quoted_id_numbers

CASES = json.loads(Path(__file__).with_name("numbers.json").read_text())  # what the browser tells apart as well
TABLE = "<tr><td>243</td><td>119</td><td>2012</td><td>1105</td><td>986</td><td>1204</td></tr>"


@pytest.mark.parametrize("text", CASES["id_numbers"])
def test_found(text: str) -> None:
    assert tells_an_id_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "33010219800101001&#9313;X",
        "330102198001010&sup1;&sup1;X",
        "<span>330102</span>19800101<b>0015</b>",
        "330102&nbsp;19800101&#160;0015",
    ],
)
def test_found_in_marked_up_text(text: str) -> None:
    assert tells_an_id_number(text) and tells_a_number(text)
    for strike in (without_id_numbers, without_numbers):
        left = strike(f"张某 {text} 说")
        assert not tells_a_number(left) and left.startswith("张某 ") and left.endswith(" 说")


@pytest.mark.parametrize("between", ["、", "，", ",", ";", ", "])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_one_that_ends_with_x_is_no_list_of_small_numbers(size: int, between: str) -> None:
    number = between.join("33010619800101003X"[at : at + size] for at in range(0, 18, size))
    assert tells_an_id_number(number) and tells_a_number(f"证件号{number}")
    assert without_numbers(f"证件号{number}，补办") == "证件号***，补办"


def test_an_x_behind_numbers_of_other_sorts_stays() -> None:
    assert without_numbers("13812345678 X光室") == "*** X光室"
    assert not tells_a_number("第3、5、8、9、10、11、12、13、14、15、16 X光")
    assert tells_a_number("2026-11-29 33-01-06-19-80-01-01-00-3X"), "also behind a day"


@pytest.mark.parametrize("text", ["&#" + "1" * 5000, "&#" + "1" * 5000 + ";", "&#" + "0" * 5000 + "49;", "&#99999999;"])
def test_a_reference_to_no_sign_is_no_error(text: str) -> None:
    assert not tells_an_id_number(text)
    assert without_id_numbers(text) == text == without_quoted_id_numbers(text) == without_typed_id_numbers(text)


@pytest.mark.parametrize("row", ["330106 19900307 009X", "330106 20150307 123X"])
def test_a_row_of_thousands_is_read_at_once(row: str) -> None:
    began = time.process_time()
    without_id_numbers(row * 3000)
    assert time.process_time() - began < 3, "0.2 s here; 6 s where each began a row of its own"


def test_signs_that_are_no_tags_stay() -> None:
    for text in ("3 < 5 且 7 > 2", "A&B 公司", "成绩 <60 分的 12 人，>90 分的 3 人"):
        assert not tells_a_number(text) and without_numbers(text) == without_id_numbers(text) == text


@pytest.mark.parametrize("text", [*CASES["no_id_numbers"], TABLE])
def test_left_alone(text: str) -> None:
    assert not tells_an_id_number(text)


@pytest.mark.parametrize("text", CASES["numbers"])
def test_anybodys_number(text: str) -> None:
    assert tells_a_number(text)


@pytest.mark.parametrize("text", CASES["no_numbers"])
def test_numbers_that_are_nobodys(text: str) -> None:
    assert not tells_a_number(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("张某 330102198001010015 被辞退", "张某 *** 被辞退"),
        ("330102198001010015330102198001010015", "******"),
        ("330102 - 19800101 - 0015，其余：½ ①，ＡＢ", "***，其余：½ ①，ＡＢ"),
        ("①３３０１０２１９８００１０１００１５", "①***"),
        ("见表：12 　　　 34；¹¹⁰¹⁰⁵¹⁹⁴⁹¹²³¹⁰⁰²X（张某）", "见表：12 　　　 34；***（张某）"),
        ("一一〇一〇五一九四九一二三一〇〇二X，十二人", "***，十二人"),
        ("第①条，热线１２３５１", "第①条，热线１２３５１"),
        ("张某 330106650307123，李某 330106 650307 123", "张某 ***，李某 ***"),
    ],
)
def test_struck_out(text: str, left: str) -> None:
    assert without_id_numbers(text) == left and not tells_an_id_number(left)


@pytest.mark.parametrize("text", CASES["begun"])
def test_one_that_is_all_but_typed_is_struck_out_of_what_is_typed(text: str) -> None:
    assert not tells_an_id_number(text)
    left = without_typed_id_numbers(text)
    assert left.startswith("身份证号***") and sum(map(str.isdigit, left)) < 6


def test_one_that_is_all_but_typed_is_struck_out_behind_tags_too() -> None:
    assert without_typed_id_numbers("<b>330102</b>19850617&nbsp;005") == "***"


@pytest.mark.parametrize("text", [*CASES["not_begun"], *CASES["no_id_numbers"]])
def test_other_numbers_are_left_alone_while_they_are_typed(text: str) -> None:
    assert without_typed_id_numbers(text) == text


@pytest.mark.parametrize("text", CASES["rows"])
def test_of_a_row_nothing_is_left(text: str) -> None:
    told = f"张某：{text}；李某"
    assert without_id_numbers(told) not in (told, text) and not tells_an_id_number(without_id_numbers(told))
    assert not tells_a_number(without_numbers(told))


def test_of_rows_of_any_sort_nothing_is_left() -> None:
    draw = random.Random(4)
    sizes = ([6, 8, 4], [4] * 5, [3] * 6, [2] * 9, [1] * 18, [18], [6, 4, 2, 2, 4], [6, 3, 3, 3, 3], [7, 11])
    found = 0
    for _ in range(1_000):
        grouped = []
        for _ in range(draw.randint(2, 6)):
            born = draw.choice(["330106650307", "11010519900307", "33010219650307", "33010620150307"])
            number, groups = f"{born}{draw.randrange(1000):03}", []
            number += check_character(number) if len(number) == 17 else ""
            for size in draw.choice(sizes):
                groups.append(number[:size])
                number = number[size:]
            grouped.append(draw.choice([" ", "-", ", ", "、", "/"]).join(filter(None, groups)))
        text = draw.choice([" ", "-", ", ", "、", "\n", "/", ""]).join(grouped)
        text = draw.choice([text, text.translate(str.maketrans("0123456789", "零一二三四五六七八九"))])
        found += tells_an_id_number(text)
        assert not tells_an_id_number(without_id_numbers(text)), text
        assert not tells_a_number(without_numbers(text)), text
    assert found > 900


@pytest.mark.parametrize(
    "text", ["二〇二六年十一月二十八日", "一、二、三、四、五、六、七、八、九、十", "一九九〇至二〇二六"]
)
def test_chinese_numerals_of_other_sorts_are_left_alone(text: str) -> None:
    assert not tells_a_number(text)


def test_what_is_struck_out_of_a_text_leaves_its_paragraphs() -> None:
    told = without_id_numbers("第一段 110105194912310021。\n　　第二段。\n\n　　第三段。")
    assert told.count("\n") == 3 and "***" in told and "第三段" in told


def test_a_code_whose_year_of_birth_is_to_come_is_none() -> None:
    assert not tells_an_id_number("123101204201196494"), "a social credit code of digits only"


@pytest.mark.parametrize("between", [" | ", ", ", "; ", " / ", "， ", "\t| ", "</td><td>"])
@pytest.mark.parametrize("digits", [3, 4, 5])
def test_rows_of_whole_numbers_are_hardly_ever_taken_for_one(between: str, digits: int) -> None:
    draw = random.Random(12)
    rows = [between.join(str(draw.randrange(10 ** (digits - 1), 10**digits)) for _ in range(24)) for _ in range(500)]
    assert sum(map(tells_an_id_number, rows)) <= 5


DAYS = [f"{year}{month:02}{day:02}" for year in (2024, 2025, 2026) for month in range(1, 13) for day in range(1, 29)]


@pytest.mark.parametrize("between", ["\n", "、", "，", " "])
@pytest.mark.parametrize("digits", [3, 4, 5, 8])
def test_numbers_of_papers_that_begin_with_a_day_are_hardly_ever_taken_for_one(digits: int, between: str) -> None:
    draw = random.Random(7)
    found = 0
    for _ in range(500):
        day, serial = draw.choice(DAYS), draw.randrange(10**digits - 1)
        found += tells_an_id_number(f"{day}{serial:0{digits}}{between}{day}{serial + 1:0{digits}}")
    assert found <= 5


@pytest.mark.parametrize("between", [" ", "\t", ",", " | "])
@pytest.mark.parametrize("cents", ["", ".{:02}"])
def test_ledgers_with_days_in_eight_digits_are_hardly_ever_taken_for_one(between: str, cents: str) -> None:
    draw = random.Random(7)
    ledgers = [
        "\n".join(
            f"{draw.choice(DAYS)}{between}{draw.randint(1_000, 999_999)}{cents.format(draw.randrange(100))}"
            for _ in range(5)
        )
        for _ in range(500)
    ]
    assert sum(map(tells_an_id_number, ledgers)) <= 5


@pytest.mark.parametrize("between", [" ", "\t", "，"])
def test_telephones_with_days_and_amounts_are_hardly_ever_taken_for_one(between: str) -> None:
    draw = random.Random(7)
    lists = [
        between.join((f"13{draw.randrange(10**9):09}", draw.choice(DAYS), str(draw.randint(1_000, 9_999))))
        for _ in range(500)
    ]
    assert sum(map(tells_an_id_number, lists)) <= 5


@pytest.mark.parametrize("end", ["9", "X", "个"])
@pytest.mark.parametrize(
    "row",
    [
        "10:10:", "10:10:10 ", "2026-11-27 ", "11-27 ", "1.2.", "1 ", "33 ", "330106 ", "330106-65", "1 1  1", "一 ", "一1 ", "①",
        "1" + " " * 12, "19 01 01 ", "2026.01.", "20260301 ", "1,", "1.1,", "330106 19900307 ", "<b>1", "&#49;", "\\t1", ": 10", "1::",
    ],
)  # fmt: skip
def test_no_row_takes_time_without_end(row: str, end: str) -> None:
    text = "2026-11-27 " + row * (2_000 // len(row)) + end
    begun = time.process_time()
    for asked in (
        tells_a_number,
        tells_an_id_number,
        without_numbers,
        without_quoted_id_numbers,
        without_typed_id_numbers,
    ):
        asked(text)
    assert time.process_time() - begun < 1


def test_wide_gaps_between_numerals_take_no_time() -> None:
    text = (" " * 12).join("一二三四五六七八九") + "个"
    begun = time.process_time()
    assert not tells_an_id_number(text * 50) and not tells_a_number(text)
    assert time.process_time() - begun < 1
