"""Which passwords are good enough."""

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain.passwords import MAXIMUM_LENGTH, judge
from lms.kernel.verdict import Allowed, Denied

GOOD = "Gonghui-2026-x"


@pytest.mark.parametrize(
    ("password", "verdict"),
    [
        (GOOD, Allowed()),
        ("gonghui-2026", Allowed()),
        ("GONGHUI2026x", Allowed()),
        ("工会干部培训平台-Ab", Allowed()),
        ("correct horse 7", Allowed()),
        ("Aa1-" * 32, Allowed()),
        ("Aa1-" * 32 + "x", Denied("long")),
        ("Aa1-Aa1-A", Denied("short")),
        ("", Denied("short")),
        ("gonghuiganbu", Denied("classes")),
        ("gonghui20262026", Denied("classes")),
        ("GONGHUI-GANBU", Denied("classes")),
        ("20262026-2026", Denied("classes")),
        ("Password123!", Denied("common")),
        ("xx-QWERTYUIOP-1", Denied("common")),
        ("Woaini1314!!", Denied("common")),
        ("Zhangsan-2026", Denied("personal")),
        ("2026-ZHANGSAN", Denied("personal")),
    ],
)
def test_a_password_is_judged(password: str, verdict: Allowed | Denied) -> None:
    assert judge(password, minimum_length=10, forbidden=("zhangsan",)) == verdict


def test_short_parts_of_a_name_forbid_nothing() -> None:
    assert judge(GOOD, minimum_length=10, forbidden=("Go", "", "hu"))


@given(password=st.text(max_size=200), minimum=st.integers(8, 30))
def test_what_is_allowed_keeps_every_rule(password: str, minimum: int) -> None:
    verdict = judge(password, minimum_length=minimum, forbidden=("zhangsan",))
    if verdict:
        assert minimum <= len(password) <= MAXIMUM_LENGTH
        assert "zhangsan" not in password.lower()
    else:
        assert isinstance(verdict, Denied)
        assert verdict.reason in {"short", "long", "classes", "common", "personal"}
