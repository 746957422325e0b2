"""A file as it comes: which format its content shows, its encoding, likely duplicates, and damage of every kind."""

import codecs
import random
import time

import pytest

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.domain.formats.duplicates import alike, said
from lms.questionbank.domain.formats.outcome import MAX_FAULTS, MAX_ITEMS, MESSAGE_LENGTH
from lms.questionbank.service.files import WRITTEN, FileReading, read_file, template, write_file

STATEMENT = "【判断】C1-1\n题干：工会是职工自愿结合的群众组织。\n答案：正确\n"
ITEMS = [
    one.item
    for one in read_file((STATEMENT + "\n【单选】C1-2\n题干：选\nA. 甲\nB. 乙\n答案：B\n").encode(), "a.txt").items
]
SHOWN = {
    "a name in colons": ("::名::题{T}", Format.GIFT),
    "braces": ("工会{=是 ~不是}", Format.GIFT),
    "an answer line": ("题\nA. 甲\nB. 乙\nANSWER: A", Format.AIKEN),
    "a quiz": ("<?xml version='1.0'?><quiz/>", Format.MOODLE_XML),
    "an item of QTI": ("<assessmentItem/>", Format.QTI),
    "a header with commas": ("题型,题干,答案\n判断,甲,对", Format.CSV),
    "a type line": (STATEMENT, Format.TEXT),
    "numbers": ("1. 题（√）", Format.TEXT),
}


@pytest.mark.parametrize("case", SHOWN)
def test_shows_its_format_by(case: str) -> None:
    text, format = SHOWN[case]
    assert read_file(text.encode(), "x").format is format


@pytest.mark.parametrize("format", WRITTEN)
def test_what_is_written_is_known_again_and_read_the_same(format: Format) -> None:
    reading = read_file(write_file(ITEMS, format), "x")
    assert (reading.format, reading.faults) == (format, ())
    assert [one.item for one in reading.items] == ITEMS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_reads_what_editors_write(encoding: str) -> None:
    (found,) = read_file(STATEMENT.encode(encoding), "a.txt").items
    assert found.item.stem.startswith("工会是")


@pytest.mark.parametrize("data", [b"\x00\x01\x02", codecs.BOM_UTF16_LE + b"\x00", b"\xff\xff\xff"])
def test_names_an_encoding_that_is_none(data: bytes) -> None:
    (found,) = read_file(data, "a.txt").faults
    assert found.where == "文件"


def test_the_empty_template_holds_no_item() -> None:
    (found,) = read_file(template(), "模板.xlsx").faults
    assert found.message == "没有找到题目"


def test_likely_duplicates_are_warned_of() -> None:
    text = STATEMENT + "\n" + STATEMENT.replace("C1-1", "C1-9").replace("自愿", "自愿地")
    first, second = read_file(text.encode(), "a.txt").items
    assert first.warnings == ()
    assert second.warnings[0].startswith("与第 1 行近乎重复（相似度 0.")


def test_many_equal_items_are_compared_in_time() -> None:
    items = [said(ExchangeItem(Kind.SHORT_ANSWER, "工会是职工自愿结合的群众组织" * 20))] * MAX_ITEMS
    began = time.process_time()
    assert len(alike(items)) == MAX_ITEMS - 1
    assert time.process_time() - began < 5


GIFT = "$CATEGORY: a/b\n\n// [id:x] [tag:难度:2]\n::名::[html]题\\=干{~%50%甲#一 ~%50%乙 ~丙####总}\n\n几{#=3:1 ~#错}\n\n连{=a->b =c->d}"
MIXED = """
一、填空题
1. 甲____
答案：%50%一 | 3±1
【案例】k
题干：x
【子题·匹配】
题干：y
A. a => b
B. c => d
"""
SEEDS = {
    Format.GIFT: GIFT.encode(),
    Format.TEXT: (STATEMENT + MIXED).encode(),
    Format.AIKEN: "题\nA. 甲\nB. 乙\nANSWER: A\n".encode(),
    Format.MOODLE_XML: write_file(ITEMS, Format.MOODLE_XML),
    Format.QTI: b'<assessmentItem identifier="a"><itemBody><extendedTextInteraction/></itemBody></assessmentItem>',
    Format.CSV: write_file(ITEMS, Format.CSV),
}  # fmt: skip


def mutants(seed: bytes, count: int, chance: random.Random) -> list[bytes]:
    """Damaged forms: bytes changed, cut, doubled, moved, and pieces of other formats put in."""
    pieces = [
        *SEEDS.values(),
        b"{",
        b"}",
        b"\\",
        b"=",
        b"~%",
        b"%",
        b"->",
        b"\x00",
        b"\xff\xfe",
        b"]]>",
        b"<",
        b"&",
        b'"',
        b"\n" * 50,
    ]
    found = []
    for _ in range(count):
        data = bytearray(seed)
        for _ in range(chance.randint(1, 8)):
            at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
            match chance.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : min(end, at + 40)]
                case 2:
                    data[at:at] = data[at:end]
                case 3:
                    data[at:at] = chance.choice(pieces)
                case 4:
                    data[at:at] = chance.choice(pieces) * chance.randint(1, 30)
        found.append(bytes(data[:200_000]) or b" ")
    return found


def assert_sound(reading: FileReading) -> None:
    assert reading.items or reading.faults
    assert len(reading.items) <= MAX_ITEMS
    assert len(reading.faults) <= MAX_FAULTS
    assert all(one.where and 0 < len(one.message) <= MESSAGE_LENGTH for one in reading.faults)
    assert all(one.where and one.item.stem for one in reading.items)


def check_damage(count: int, chance: random.Random) -> None:
    for format, seed in SEEDS.items():
        for data in mutants(seed, count // len(SEEDS), chance):
            for wanted in {format, None}:
                began = time.process_time()
                assert_sound(read_file(data, "x", wanted))
                assert time.process_time() - began < 5, data


def test_damage_gives_items_or_named_faults() -> None:
    check_damage(500, random.Random(6))


@pytest.mark.hard
def test_much_damage_gives_items_or_named_faults() -> None:
    check_damage(20_000, random.Random(60))


SLOW = {
    "blank lines": b"\n" * 110_000,
    "spaces": b"1. a" + b" " * 2_000_000 + b"b",
    "spaces before options": "1. 题\nA. 甲".encode() + b" " * 1_000_000 + b"x",
    "brackets": b"1. " + b"(" * 1_000_000,
    "notes that never end": b"// " + b"[tag:" * 300_000 + b"\nx{T}",
    "tildes": b"x{" + b"~a" * 1_000_000 + b"}",
    "small questions": b"x{T}\n\n" * 50_000,
    "lines that begin items": b"1.\n" * 110_000,
    "a header again and again": "题干".encode() * 500_000,
    "type lines": "【单选】\n".encode() * 110_000,
    "tags": b"<quiz>" + b"<question>" * 30 + b"<" * 590_000,
    "empty questions": b"<quiz>" + b"<question/>" * 590_000 + b"</quiz>",
    "many lines of options": "1. 题\n".encode() + b"A. x\n" * 110_000,
    "backslashes": b"x{=" + b"\\" * 1_000_000 + b"}",
    "angles": b"x" + b"<a " * 500_000 + b"{T}",
}


@pytest.mark.parametrize("case", SLOW)
def test_is_not_held_up_by(case: str) -> None:
    for format in (None, Format.GIFT, Format.TEXT, Format.AIKEN):
        began = time.process_time()
        assert_sound(read_file(SLOW[case], "x", format))
        assert time.process_time() - began < 5, (format, time.process_time() - began)
