"""CSV files come in from whatever program wrote them; broken ones are refused with the row."""

from pathlib import Path

import pytest

from lms.infra.spreadsheet import Limits, read_table
from tests.unit.infra.tables import refusal

TABLE = "姓名,单位\r\n王建国,北京市总工会\r\n"
ROWS = [(1, ["姓名", "单位"]), (2, ["王建国", "北京市总工会"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    assert read_table(TABLE.encode(encoding), "名册.csv").rows == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    assert read_table(TABLE.replace(",", delimiter).encode(), "名册.csv").rows == ROWS


def test_a_delimiter_inside_quotes_does_not_count() -> None:
    assert read_table('"甲,乙,丙";丁\n1;2'.encode(), "a.csv").rows == [(1, ["甲,乙,丙", "丁"]), (2, ["1", "2"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quotes_and_line_breaks_stay_in_their_cells(end: str) -> None:
    text = end.join(["a,b", '"说""是""',  '第二行","x"', "", ",", "c"])  # fmt: skip
    assert read_table(text.encode(), "a.csv").rows == [(1, ["a", "b"]), (2, [f'说"是"{end}第二行', "x"]), (5, ["c"])]


def test_other_ends_of_lines_are_text() -> None:
    assert read_table("a\x0cb\u2028c,d".encode(), "a.csv").rows == [(1, ["a\x0cb\u2028c", "d"])]


def test_a_file_on_disk_is_read_as_well(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(TABLE.encode())
    assert read_table(file, "a.csv").rows == ROWS
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("cell", ["4.40102E+17", "4.4e+17", " 1E+20 ", "-4.4E+17", "4E+10"])
def test_a_number_that_was_ruined_before_is_told_by_its_cell(cell: str) -> None:
    found = refusal(f"姓名,身份证号\n王建国,{cell}\n".encode())
    assert (found.reason, found.row, found.column) == ("digits_lost", 2, 2)


@pytest.mark.parametrize("cell", ["1E5", "4.4E", "E+17", "440102199001011234", "4.4E+1", "0E+10", "12E+10", "4E10"])
def test_what_only_looks_a_little_like_it_is_read(cell: str) -> None:
    assert read_table(f"a,{cell}".encode(), "a.csv").rows == [(1, ["a", cell])]


@pytest.mark.parametrize(
    ("content", "reason", "row"),
    [
        (b"", "empty", None),
        (b"\r\n , \r\n\t", "empty", None),
        (b"a,b\n\x00,c", "encoding", None),
        (b"\xff\xff\xff\xfe", "encoding", None),
        (b"\xff\xfea", "encoding", None),
        (b'a,b\nc,"d\ne,f\n', "quotes", 2),
        (b'a,b\n"c"d,e\n', "quotes", 2),
        (b"<html><table><tr><td>1", "html", None),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?><Workbook/>", "html", None),
        (b"%PDF-1.7\n", "not_a_table", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "xls", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted", None),
        (b"a\n" * 10_001, "too_many_rows", 10_001),
        (b"a\n" + b"," * 60 + b"b", "too_many_columns", 2),
        (b"a\n" + b"," * 1_000_000, "too_many_columns", 2),
        (b"a\nb," + b"c" * 2_001, "too_long", 2),
        (b"a" * 5_000_000, "too_many_columns", 1),
        (b'"' + b"a\n" * 1_000_000, "quotes", 1),
        (b"a" * (10 * 1024 * 1024 + 1), "too_large", None),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)  # fmt: skip
def test_broken_files_are_refused_by_name(content: bytes, reason: str, row: int | None) -> None:
    found = refusal(content)
    assert (found.reason, found.row) == (reason, row)


def test_the_longest_lines_are_refused_before_they_are_taken_apart() -> None:
    wide = Limits(max_bytes=200_000_000)
    assert refusal(b"a" * 100_000_000, limits=wide).reason == "too_many_columns"


def test_delimiters_after_the_last_filled_cell_are_no_columns() -> None:
    assert read_table(b"a,b" + b"," * 500, "a.csv").rows == [(1, ["a", "b"])]
