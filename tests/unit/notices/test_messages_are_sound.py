"""A message is refused when it could not be shown, and its placeholders are filled from its facts alone."""

import pytest

from lms.notices.domain.messages import BadMessage, Message, filled

SOUND = {"kind": "hours.reminder", "title": "学时提醒", "text": "还差 %(hours)s 学时。", "facts": {"hours": "12"}}


def test_a_sound_message_is_taken() -> None:
    assert Message(**SOUND).text == "还差 %(hours)s 学时。"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"text": ""},
        {"kind": "k" * 41},
        {"text": "长" * 401},
        {"facts": {}},
        {"link": "https://example.org/"},
        {"link": "//example.org/"},
        {"link": "/a b"},
        {"link": "me/hours"},
    ],
)
def test_what_could_not_be_shown_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadMessage):
        Message(**{**SOUND, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "facts", "shown"),
    [
        ("还差 %(hours)s 学时", {"hours": "12"}, "还差 12 学时"),
        ("%(a)s和%(a)s", {"a": "甲"}, "甲和甲"),
        ("100% 完成", {}, "100% 完成"),
        ("%(words)s", {"words": "%(words)s"}, "%(words)s"),
        ("%(unknown)s", {}, "%(unknown)s"),
    ],
)
def test_placeholders_are_filled_once(source: str, facts: dict[str, str], shown: str) -> None:
    assert filled(source, facts) == shown
