"""A name can't be made of signs that nobody sees, and rare forms of Chinese characters stay as they are."""

import pytest

from lms.web.forms import strip


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u3164", ""),
        ("\u2800\u2800", ""),
        ("\ufe0f", ""),
        ("\u115f\u1160\uffa0", ""),
        ("张\ufe0f三\u3164", "张三"),
        ("张\u200b三\u202e", "张三"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("阿卜杜·买买提", "阿卜杜·买买提"),
        (" 一\n二\t三 ", "一\n二\t三"),
    ],
)
def test_what_is_kept_of_a_typed_text(typed: str, kept: str) -> None:
    assert strip(typed) == kept
