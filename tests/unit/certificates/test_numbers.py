"""Certificate numbers: their form, their check character and what it catches."""

import itertools

import pytest
from hypothesis import assume, given, strategies as st

from lms.certificates.domain.numbers import (
    ALPHABET,
    MAX_SERIAL,
    BadNumber,
    Number,
    check_character,
    named_in,
    next_number,
    parse,
)

payloads = st.text(alphabet=ALPHABET, min_size=1, max_size=24)
numbers = st.builds(
    Number,
    province=st.integers(11, 91).map("{:02d}".format),
    year=st.integers(2011, 2099),
    kind=st.sampled_from(["SG", "JY"]),
    serial=st.integers(1, MAX_SERIAL),
)

# GRid and ISAN are published identifiers whose check characters are ISO 7064 MOD 37,36.
GRID = ("A12425GABC1234002", "M")
ISAN = ("00000000D07A0090", "Q")


@pytest.mark.parametrize(("payload", "character"), [GRID, ISAN, ("332026SG000001", "0"), ("332026SG000002", "Y")])
def test_published_and_own_examples_have_their_check_character(payload: str, character: str) -> None:
    assert check_character(payload) == character


def test_the_first_numbers_of_a_sequence() -> None:
    assert next_number("33", 2026, "SG", 0) == "33-2026-SG-000001-0"
    assert next_number("33", 2026, "SG", 1) == "33-2026-SG-000002-Y"


def test_the_serial_grows_wider_when_six_digits_are_used_up() -> None:
    assert next_number("44", 2026, "SG", 999_998)[11:17] == "999999"
    assert next_number("44", 2026, "SG", 999_999)[11:18] == "1000000"


@pytest.mark.parametrize(
    ("province", "year", "kind", "last"),
    [
        ("3", 2026, "SG", 0),
        ("浙江", 2026, "SG", 0),
        ("33", 26, "sg", 0),
        ("33", 2026, "S", 0),
        ("33", 2026, "SG", -1),
        ("33", 2026, "SG", MAX_SERIAL),
    ],
)
def test_parts_that_cannot_stand_in_a_number_are_refused(province: str, year: int, kind: str, last: int) -> None:
    with pytest.raises(BadNumber):
        next_number(province, year, kind, last)


@given(numbers)
def test_what_was_written_is_read_again(number: Number) -> None:
    assert parse(str(number)) == number


@given(numbers)
def test_a_number_typed_by_hand_is_understood(number: Number) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in str(number))
    assert parse(f" {str(number).lower()} ") == parse(wide) == number


@pytest.mark.parametrize(
    "text",
    ["", "33", "33-2026-SG-000001", "33-2026-SG-000001-1", "33-2026-SG-0000001-0", "33-2026-SG-000000-1", "证书"],
)
def test_other_texts_are_no_numbers(text: str) -> None:
    with pytest.raises(BadNumber):
        parse(text)


@given(payloads, st.data())
def test_every_single_wrong_character_is_caught(payload: str, data: st.DataObject) -> None:
    whole = payload + check_character(payload)
    at = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from(ALPHABET))
    assume(wrong != whole[at])
    changed = whole[:at] + wrong + whole[at + 1 :]
    assert check_character(changed[:-1]) != changed[-1]


def _after(product: int, value: int) -> int:
    return ((product + value) % 36 or 36) * 2 % 37


def test_swapped_neighbours_escape_in_one_of_630_cases_and_only_when_they_follow_each_other_in_the_alphabet() -> None:
    cases = [
        (one, two)
        for product in range(1, 37)
        for one, two in itertools.permutations(range(36), 2)
        if _after(_after(product, one), two) == _after(_after(product, two), one)
    ]
    assert len(cases) * 630 == 36 * 36 * 35
    assert all(abs(one - two) in {1, 35} for one, two in cases)


@given(numbers, st.data())
def test_swapped_digits_of_a_serial_are_caught_unless_they_follow_each_other(
    number: Number, data: st.DataObject
) -> None:
    text = str(number)
    at = data.draw(st.integers(11, len(text) - 4))
    assume(abs(int(text[at]) - int(text[at + 1])) > 1)
    with pytest.raises(BadNumber):
        parse(text[:at] + text[at + 1] + text[at] + text[at + 2 :])


def test_numbers_are_found_in_the_bytes_of_a_file_and_invented_ones_are_not() -> None:
    content = b"\x00\xff<pdf:Keywords>33-2026-SG-000001-0, x</pdf:Keywords>33-2026-SG-000001-9\xe5\xbc\xa0"
    assert named_in(content) == {"33-2026-SG-000001-0"}
