"""A name is kept as typed but for what draws nothing, and is found by every part of it."""

import pytest
from hypothesis import given, strategies as st

from lms.organisations.domain import names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  杭州 晨光\t工会 ", "杭州 晨光 工会"),
        ("晨\u200b光\u202e工会\x00", "晨光工会"),
        ("阿不都·热合曼公司工会", "阿不都·热合曼公司工会"),
        ("<b>晨光</b>", "<b>晨光</b>"),
        ("𠮷祥工会", "𠮷祥工会"),
        ("\u3000", ""),
    ],
)
def test_a_name_is_kept_as_typed(typed: str, kept: str) -> None:
    assert names.tidy(typed) == kept


@given(st.text("杭州晨光机械（集团）Ab１·𠮷 ", min_size=1, max_size=40), st.data())
def test_every_part_of_a_name_begins_one_of_its_terms(name: str, data: st.DataObject) -> None:
    plain = names.folded(name)
    if not plain:
        return
    first = data.draw(st.integers(0, len(plain) - 1))
    part = plain[first : data.draw(st.integers(first + 1, len(plain)))][: names.TERM]
    assert any(term.startswith(part) for term in names.terms_of(name))


def test_the_first_term_begins_the_name() -> None:
    assert names.terms_of("浙江省 总工会")[0] == "浙江省总工会"
    assert max(map(len, names.terms_of("长" * 120))) == names.TERM


def test_width_case_blanks_and_brackets_do_not_matter() -> None:
    assert names.folded("ＡＢＣ（杭州） 有限公司") == names.folded("abc(杭州)有限公司")
