"""Personal values are shown by the mask that the field register names, and a mask never lets more through."""

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain import fieldregister, masking
from lms.accounts.domain.personalfields import REGISTER, Since
from lms.kernel.numbers import tells_a_number


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", "张三", "张*"),
        ("name", "欧阳娜娜", "欧***"),
        ("name", "·", "·"),
        ("mobile", "13800001234", "138****1234"),
        ("mobile", "123", "***"),
        ("mail", "wang@example.org", "w***@example.org"),
        ("mail", "@example.org", "***"),
        ("mail", "no address", "***"),
        ("id_number", "11010519491231002X", "110*************2X"),
        ("id_number", "12345", "*****"),
        ("session_address", "10.2.3.4", "10.2.*.*"),
        ("session_address", "2001:db8::1", "2001:db8:*"),
        ("session_address", "?", "***"),
        ("password", "$argon2id$v=19", "***"),
        ("post", "工会主席", "工会主席"),
        ("mobile", None, ""),
        ("mobile", "", ""),
    ],
)
def test_a_value_is_shown_as(field: str, value: str | None, shown: str) -> None:
    assert fieldregister.mask(field, value) == shown


@given(st.text(alphabet="0123456789X", min_size=6, max_size=30))
def test_of_an_id_number_at_most_five_characters_are_told(value: str) -> None:
    shown = masking.hide_id_number(value)
    assert len(shown) == len(value) and len(shown.replace("*", "")) <= 5


def test_every_row_names_a_mask_and_a_way_of_keeping() -> None:
    assert {one.mask for one in REGISTER} <= masking.MASKS.keys()
    assert len({one.name for one in REGISTER}) == len(REGISTER)
    for one in REGISTER:
        assert (one.retention.days > 0) is (one.retention.since in {Since.LEAST, Since.CLOSING, Since.END}), one.name


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("与档案核对", False),
        ("见 2026 年第 12 号文", False),
        ("号码 11010519491231002X", True),
        ("号码 1101 0519 4912 31002X", True),
        ("电话 138-0000-1234", True),
        ("电话 １３８００００１２３４", True),
    ],
)
def test_numbers_in_a_free_text_are_found(text: str, tells: bool) -> None:
    assert tells_a_number(text) is tells
