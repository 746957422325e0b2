"""Personal values are shown by the mask that the field register names, and a mask never lets more through."""

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain import fieldregister, masking
from lms.accounts.domain.personalfields import REGISTER, Since
from lms.accounts.domain.usernames import is_username
from lms.kernel.numbers import tells_a_number, without_numbers


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
        assert (one.retention.days > 0) is (
            one.retention.since in {Since.LEAST, Since.CLOSING, Since.END, Since.MAKING}
        ), one.name


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("与档案核对", False),
        ("见 2026 年第 12 号文", False),
        ("号码 11010519491231002X", True),
        ("号码 1101 0519 4912 31002X", True),
        ("电话 138-0000-1234", True),
        ("电话 １３８００００１２３４", True),
        ("330102.19800101.0093", True),
        ("330102/19800101/0093", True),
        ("330102，19800101，0093", True),
        ("330102·19800101·0093", True),
        ("330102.1980.01.01.0093", True),
        ("138_0013_8000", True),
        ("(138) 0013 [8000]", True),
        ("138\u200b0013\u200b8000", True),
        ("\u0661\u0663\u0668\u0660\u0660\u0661\u0663\u0668\u0660\u0660\u0660", True),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", True),
        ("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", True),
        ("自 2026-11-27 至 2026-12-31", False),
        ("2026-11-27 — 2026-12-31", False),
        ("2026.11.27-12.31", False),
        ("2026-11-27 09:30—10:30", False),
        ("2026-11-27，13800138000", True),
        ("2026年11月27日 08:30-11:30、13:30-16:30 我都在现场", False),
        ("11月3日 8:30—11:30，14:00—17:00", False),
        ("2026-11-27 —— 2026-12-31", False),
        ("2026.11.27 —— 11.30", False),
        ("1. 2026-11-27 8:30-11:30", False),
        ("2026-11-27 14:00-17:00，3 学时", False),
        ("2026-11-27 13800138000", True),
        ("1. 13800138000", True),
        ("2026-11-27 10:10:10:10:10:10:1", True),
    ],
)
def test_numbers_in_a_free_text_are_found(text: str, tells: bool) -> None:
    assert tells_a_number(text) is tells


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("名单.csv", "名单.csv"),
        ("330102198001010093.csv", "***.csv"),
        ("2026-11-27 名单 138-0013-8000.xlsx", "2026-11-27 名单 ***.xlsx"),
    ],
)
def test_what_is_kept_of_a_name_that_holds_a_number(text: str, kept: str) -> None:
    assert without_numbers(text) == kept


@pytest.mark.parametrize(
    ("text", "fits"),
    [("wangxm", True), ("wang2026", True), ("u330102198001010093", False), ("z138-0013.8000", False), ("1wang", False)],
)
def test_a_user_name_tells_no_number(text: str, fits: bool) -> None:
    assert is_username(text) is fits
