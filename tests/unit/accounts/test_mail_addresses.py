"""Mail addresses that are taken: whatever is taken, a letter can be written to it, and is read back as that address alone."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain.mailaddresses import is_mail_address
from lms.infra.mail import Post

SIGNS = "ab0.!#$%&'*+/=?^_`{|}~-@\"(),:;<>[]\\\u2028\u202e\u00a0\n\r\t é中"


@pytest.mark.parametrize(
    "address",
    ["a@b.cn", "zhang.san+lms@mail.example.org", "o'brien@example.org", "10001@qq.com", "a=b?c@x-y.example.org"],
)
def test_an_address_as_people_have_it_is_taken(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@b",
        "a@b@c.cn",
        "=?utf-8?q?a=0Ab?=@example.org",
        "a\u2028b@example.org",
        "a\u202eb@example.org",
        "a\u00a0b@example.org",
        "a\x1cb@example.org",
        "a\nb@example.org",
        "a@example.org\n",
        "张三@example.org",
        "a@例子.cn",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "a@-b.cn",
        "a@b..cn",
        "a" * 65 + "@example.org",
        "a@" + "b" * 60 + "." + "c" * 60 + ".org",
    ],
    ids=ascii,
)
def test_what_a_letter_could_not_be_written_to_is_refused(address: str) -> None:
    assert not is_mail_address(address)


@given(
    st.one_of(
        st.builds(
            "{}@{}".format, st.text(SIGNS, min_size=1, max_size=70), st.sampled_from(["b.cn", "x-y.example.org"])
        ),
        st.text(SIGNS, max_size=30),
    )
)
def test_a_letter_to_whatever_is_taken_goes_there(tmp_path_factory: pytest.TempPathFactory, address: str) -> None:
    if not is_mail_address(address):
        return
    folder: Path = tmp_path_factory.mktemp("outbox")
    Post(None, folder).send(address, "主题", "内容")
    (letter,) = folder.iterdir()
    assert message_from_bytes(letter.read_bytes(), policy=policy.default)["To"] == address
