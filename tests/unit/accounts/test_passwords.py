"""Which passwords are good enough."""

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain.passwords import MAXIMUM_LENGTH, Personal, common, judge
from lms.kernel.verdict import Allowed, Denied

GOOD = "Gonghui-2026-x"
WHO = Personal(("张三", "zhangsan"), ("13912345678", "330106197910162715"))
LONG = "Aa1-bQ7_kR9.tW2+" * 2 + "Lm4!pX6?vZ8,nB3;" * 2 + "yH5:cD0/gF1=jK7*" * 2 + "eS9~uI2&oP4%rT6@"


@pytest.mark.parametrize(
    ("password", "verdict"),
    [
        (GOOD, Allowed()),
        ("gonghui-2026", Allowed()),
        ("GONGHUI2026x", Allowed()),
        ("工会干部培训平台-Ab", Allowed()),
        ("correct horse 7", Allowed()),
        (LONG + "Qd3(wE5)zA7[xC1]", Allowed()),
        (LONG + "Qd3(wE5)zA7[xC1]x", Denied("long")),
        ("Aa1-" * 30, Denied("common")),
        ("Aa1-Aa1-A", Denied("short")),
        ("", Denied("short")),
        ("gonghuiganbu", Denied("classes")),
        ("gonghui20262026", Denied("classes")),
        ("GONGHUI-GANBU", Denied("classes")),
        ("20262026-2026", Denied("classes")),
        ("Password123!", Denied("common")),
        ("xx-QWERTYUIOP-1", Denied("common")),
        ("Woaini1314!!", Denied("common")),
        ("P@ssw0rd2026", Denied("common")),
        ("Aa98765432100", Denied("common")),
        ("1qaz@WSX3edc", Denied("common")),
        ("Abcdefgh-1234", Denied("common")),
        ("Aaaaaaaa-1111", Denied("common")),
        ("Beijing@2026", Denied("common")),
        ("张三的密码-Ab12", Denied("personal")),
        ("Lan-tian-345678", Denied("personal")),
        ("Lan-tian-19791016", Denied("personal")),
        ("Lan-tian-34567", Allowed()),
        ("Zhangsan-2026", Denied("personal")),
        ("2026-ZHANGSAN", Denied("personal")),
    ],
)
def test_a_password_is_judged(password: str, verdict: Allowed | Denied) -> None:
    assert judge(password, minimum_length=10, personal=WHO) == verdict


def test_short_parts_of_a_name_forbid_nothing() -> None:
    assert judge(GOOD, minimum_length=10, personal=Personal(("Go", "", "hu"), ("", "12345")))


@given(password=st.text(max_size=200), minimum=st.integers(8, 30))
def test_what_is_allowed_keeps_every_rule(password: str, minimum: int) -> None:
    verdict = judge(password, minimum_length=minimum, personal=WHO)
    if verdict:
        assert minimum <= len(password) <= MAXIMUM_LENGTH
        assert "zhangsan" not in password.lower()
    else:
        assert isinstance(verdict, Denied)
        assert verdict.reason in {"short", "long", "classes", "common", "personal"}


def test_the_list_holds_words_in_lower_case_only() -> None:
    assert len(common()) > 100
    assert all(word == word.lower().strip() and len(word) >= 4 for word in common())
