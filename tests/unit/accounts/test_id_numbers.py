"""ID numbers are checked by GB 11643 as python-stdnum checks them, and what a spreadsheet ruined is told apart."""

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent, ValidationError

from lms.accounts.domain import idnumber
from lms.kernel.numbers import check_character
from lms.kernel.verdict import Allowed, Denied

TODAY = date(2026, 11, 20)


def reason(text: str) -> str:
    verdict = idnumber.judge(idnumber.normalised(text), today=TODAY)
    return verdict.reason if isinstance(verdict, Denied) else ""


def numbered(digits: str) -> str:
    return digits + check_character(digits)


@pytest.mark.parametrize(
    ("case", "text", "said"),
    [
        ("a good one", "11010519491231002X", ""),
        ("a small x", "11010519491231002x", ""),
        ("full-width digits", "１１０１０５１９４９１２３１００２Ｘ", ""),
        ("spaces and dashes", " 110105 19491231-002X ", ""),
        ("a spreadsheet's float", "1.10105194912310E+17", "ruined"),
        ("a short float", "4.4E+17", "ruined"),
        ("an integer float", "1E17", "ruined"),
        ("a decimal tail", "110105194912310000.0", "ruined"),
        ("the last digits lost", "440301198805173000", "ruined"),
        ("17 digits", "11010519491231002", "length"),
        ("the old 15 digits", "110105491231002", "length"),
        ("a letter inside", "1101051949123100AX", "digits"),
        ("an X inside", "1101051949X2310020", "digits"),
        ("no such region", numbered("99010519491231002"), "region"),
        ("the 30th of February", numbered("11010519490230002"), "date"),
        ("born tomorrow", numbered("11010520261121002"), "date"),
        ("born in 1899", numbered("11010518991231002"), "date"),
        ("a wrong check character", "110105194912310021", "check"),
        ("two digits changed places", "11010519491231020X", "check"),
        ("nothing", "", "length"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_what_is_said_of(case: str, text: str, said: str) -> None:
    assert reason(text) == said, case


def test_a_number_that_truly_ends_in_000_is_good() -> None:
    number = next(
        made
        for day in range(1, 29)
        for serial in range(0, 1000, 10)
        if (made := numbered(f"110105198001{day:02}{serial // 10:02}0"))[-3:] == "000"
    )
    assert reason(number) == ""


@settings(max_examples=400, deadline=None)
@given(
    region=st.sampled_from(["110105", "330102", "440524", "650102", "810000", "990000"]),
    born=st.dates(date(1890, 1, 1), date(2030, 1, 1)),
    serial=st.integers(0, 999),
    check=st.sampled_from("0123456789X"),
)
def test_agrees_with_the_oracle(region: str, born: date, serial: int, check: str) -> None:
    text = f"{region}{born:%Y%m%d}{serial:03}{check}"
    try:
        ric.validate(text)
        oracle = True
    except InvalidComponent:
        oracle = None  # regions by the list of that library; days to come are no matter to it
    except ValidationError:
        oracle = False
    ours = isinstance(idnumber.judge(text, today=TODAY), Allowed)
    if oracle is not None and date(1900, 1, 1) <= born <= TODAY:
        assert ours is oracle


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    assert reason(text) in {"", "ruined", "length", "digits", "region", "date", "check"}
