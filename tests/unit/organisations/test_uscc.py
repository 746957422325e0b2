"""The unified social credit code is judged as GB 32100 says, and a slip is named."""

import pytest
from hypothesis import given, strategies as st
from stdnum.cn import uscc as oracle

from lms.kernel.verdict import Allowed, Denied
from lms.organisations.domain import uscc

REAL = "91110000600037341L"
bodies = st.builds(
    lambda first, digits, rest: first + digits + rest,
    st.text(uscc.ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(uscc.ALPHABET, min_size=9, max_size=9),
)


@given(bodies)
def test_every_body_has_one_check_character(body: str) -> None:
    right = [c for c in uscc.ALPHABET if isinstance(uscc.judge(body + c), Allowed)]
    assert right == [uscc.check_character(body)]


@given(st.text("0123456789", min_size=8, max_size=8), st.text(uscc.ALPHABET, min_size=9, max_size=9))
def test_the_check_character_is_the_library_s(first: str, rest: str) -> None:
    assert uscc.check_character(first + rest) == oracle.calc_check_digit(first + rest)


@given(st.one_of(st.text(max_size=20), st.text(uscc.ALPHABET, min_size=17, max_size=19), bodies))
def test_what_we_allow_the_library_allows(text: str) -> None:
    """The library wants eight digits in front; the standard's first two places may be letters (51, 81 … N1)."""
    code = uscc.tidy(text)
    if code[:2].isdigit() and code.isascii():
        assert isinstance(uscc.judge(code), Allowed) == oracle.is_valid(code)


@given(bodies, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    code = body + uscc.check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        assert isinstance(uscc.judge(wrong), Denied)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (REAL.lower(), REAL),
        (" 9111 0000 6000 3734 1L ", REAL),
        ("91110000-600037341-L", REAL),
        ("９１１１００００６０００３７３４１Ｌ", REAL),
        ("\u200b91110000600037341L\ufeff", REAL),
        ("", ""),
    ],
    ids=["lower case", "gaps", "dashes", "full width", "invisible", "nothing"],
)
def test_what_people_type_is_tidied(typed: str, stored: str) -> None:
    assert uscc.tidy(typed) == stored


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (REAL[:-1], uscc.WRONG_LENGTH),
        (REAL + "0", uscc.WRONG_LENGTH),
        ("", uscc.WRONG_LENGTH),
        ("4.40106E+17", uscc.WRONG_LENGTH),
        ("9111000060003734I1", uscc.WRONG_CHARACTER),
        ("91A10000600037341L", uscc.WRONG_CHARACTER),
        ("９" * 18, uscc.WRONG_CHARACTER),
        ("91110000600037341M", uscc.WRONG_CHECK),
    ],
)
def test_the_slip_is_named(code: str, reason: str) -> None:
    assert uscc.judge(code) == Denied(reason)


def test_an_id_number_that_happens_to_fit_the_check_is_no_code() -> None:
    number = "330102197307155848"
    assert uscc.check_character(number[:-1]) == number[-1]
    assert uscc.judge(number) == Denied(uscc.AN_ID_NUMBER)
