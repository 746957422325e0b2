"""What is written like an ID number is found in long texts, and numbers of other sorts are left alone."""

import random
import time

import pytest

from lms.kernel.numbers import (
    tells_a_number,
    tells_an_id_number,
    without_id_numbers,
    without_numbers,
    without_quoted_id_numbers,
)


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
        "33010219800101001②X",
        "①①⓪①⓪⑤①⑨④⑨①②③①⓪⓪②X",
        "¹¹⁰¹⁰⁵¹⁹⁴⁹¹²³¹⁰⁰²X",
        "❶⓵⓿❶⓿❺❶❾❹❾❶❷❸❶⓿⓿❷X",
        "33010219800101001&#9313;X",
        "330102198001010&sup1;&sup1;X",
        "330102198001010015330102198001010015",  # two in a row
        "330102 - 19800101 - 0015",
        "330106-19900307-12341",  # other digits beside it
        "1330106-19900307-1234",
        "330106 19900307 1234330106 19900307 1235",
        "三三〇一〇六一九九〇〇三〇七一二三四",
        "一一〇一〇五 一九四九一二三一 〇〇二X",
        "一一○一○五一九四九一二三一○○二X",
        "一一〇一〇五－一九四九一二三一－〇〇二一",
        "一一〇一〇五    一九四九一二三一\n    〇〇二一",
        "110105一九四九一二三一002X",
        "110105               19491231 002X",
        "330106\u316419900307\u31641234",  # a letter that shows as nothing
        "330106ー19900307ー1234",
        "33010619900307123⨯",
        "33010619900307123❌",
        "៳៣០១០៦១៩៩០០៣០៧១២៣៤".replace("៳", "៣"),
        "\u17f3\u17f3\u17f0\u17f1\u17f0\u17f6\u17f1\u17f9\u17f9\u17f0\u17f0\u17f3\u17f0\u17f7\u17f1\u17f2\u17f3\u17f4",
        "<span>330102</span>19800101<b>0015</b>",
        "330102&nbsp;19800101&#160;0015",
        "**330102** **19800101** **0015**",
        "330102     19800101     0015",
        "330102 |\n\n      19800101 |\n   0015",
        "33010219800101001×",
        "33010219800101001Х",
        "330106650307123",  # of fifteen digits, as cards had it until 1999
        "330106 650307 123",
        "330106 - 650307 - 123。",
        "330106-65-03-07-123",
        "３３０１０６６５０３０７１２３",
        "工号12的330106650307123",
        "1、330106650307123",
        "3,330106650307123,张三",
        "1 330106650307123 男",
        "330106650307123 13800138000",
        "330106650307123，35岁",
        "330106650307123\n330106650307124",
        "2.330106-650307-123",
        "1、3301 0619 9003 0712 34",
        "330106/1990-03-07/1234",
        "3 3 0 1 0 6 1 9 9 0 0 3 0 7 1 2 3 4",
        "3 3 0 1 0 6 - 1 9 9 0 0 3 0 7 - 1 2 3 4",  # another sign between the parts
        "330 106-1990 0307-1234",
        "330 1061 9900 3071 234",  # in the rhythm of a mobile number
        "3301 061 9900 307 1234",
        "330106 199 003 071 234",
        "3301061 99003071234",
        "20260301330106199003071234.jpg",  # behind a day
        "1、330 106 650 307 123",
        "（1）330 106 650 307 123",
        "张三\t330 106 650 307 123\t13800138000",
        "330 106 650 307 123\n330 106 650 307 124",
        "1、3 3 0 1 0 6 6 5 0 3 0 7 1 2 3",
        "330106 65-03-07 123",
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
        "330106651307123",  # no month 13
        "160106650307123",  # no such province
        "单号 202611281130500",
        "2026-11-27 14:30-17:00\n2026-11-28 08:30-11:30",  # a timetable
        "2026-11-27 14:30—17:00，2026-11-28 08:30—11:30",
        "| 2026-11-27 | 14:30-17:00 | 开班 |\n| 2026-11-27 | 14:10-17:10 |\n| 2026-11-28 | 09:00-11:30 |",
        "2026-11-27 14:30:15\n2026-11-28 08:30:15",
        "集体协商安排：2026/11/27 15:30—17:30；2026/11/28 08:30—10:00。",
        "8:30-9:15\n9:25-10:10\n10:20-12:00\n12:20-13:05\n13:15-14:00",
        "2025/01/14 98120.35 3470\n2025/01/15 1942.00 3471",  # a ledger
        "2025-10-31 84694.41\n2025-11-01 7562.30",
        "余额 350000\n2025/01/15 1942.00",
        "5. 84\n6. 195\n8. 191\n9. 171\n10. 162\n11. 20",  # counted
        "上课日期：20260301、20260305、20260308",
        "20260301-20260305 0830-1130",
        "第1期 20260301—20260305，1000人",
        "IMG_20260301_20260302_1234.jpg",
        "20260301120000-20260302120000",
        "330, 106, 900, 307, 123, 456, 120 吨",
        "33010, 69003, 07123, 21003",
        "<tr><td>243</td><td>119</td><td>2012</td><td>1105</td><td>986</td><td>1204</td></tr>",
        "3301066503071234",
        "13800138000 2026",
    ],
)
def test_left_alone(text: str) -> None:
    assert not tells_an_id_number(text)


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


@pytest.mark.parametrize(
    "text", ["二〇二六年十一月二十八日", "一、二、三、四、五、六、七、八、九、十", "一九九〇至二〇二六"]
)
def test_chinese_numerals_of_other_sorts_are_left_alone(text: str) -> None:
    assert not tells_a_number(text) and not tells_an_id_number(text)


def test_a_number_in_chinese_numerals_is_one_in_names_too() -> None:
    assert tells_a_number("一三八〇〇一三八〇〇〇") and tells_a_number("一三八 一二三四 五六七八")


@pytest.mark.parametrize("gap", [r"\t", r"\xa0", r"\u3000", r"\u200b", "-"])
def test_what_programs_quote_is_struck_out(gap: str) -> None:
    told = without_quoted_id_numbers(f"bad '330106{gap}19900307{gap}1234' at 7")
    assert told == "bad '***' at 7"
    assert without_quoted_id_numbers(r"File 'a\tb', line 12") == r"File 'a\tb', line 12"


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


@pytest.mark.parametrize("end", ["9", "X", "个"])
@pytest.mark.parametrize(
    "row",
    [
        "10:10:", "10:10:10 ", "2026-11-27 ", "11-27 ", "1.2.", "1 ", "33 ", "330106 ", "330106-65", "1 1  1", "一 ", "一1 ", "①",
        "1" + " " * 12, "19 01 01 ", "<b>1", "&#49;", "\\t1", ": 10", "1::",
    ],
)  # fmt: skip
def test_no_row_takes_time_without_end(row: str, end: str) -> None:
    text = "2026-11-27 " + row * (2_000 // len(row)) + end
    begun = time.process_time()
    for asked in (tells_a_number, tells_an_id_number, without_numbers, without_quoted_id_numbers):
        asked(text)
    assert time.process_time() - begun < 1


def test_wide_gaps_between_numerals_take_no_time() -> None:
    text = (" " * 12).join("一二三四五六七八九") + "个"
    begun = time.process_time()
    assert not tells_an_id_number(text * 50) and not tells_a_number(text)
    assert time.process_time() - begun < 1
