"""A role reaches its unit and what lies below it, and nothing else. Requirement 7, invariant I8."""

import pytest
from hypothesis import given, strategies as st

from lms.access.domain.scopes import covers

NATION, ZHEJIANG, HANGZHOU, JIANGSU = (
    "/00000000/",
    "/00000000/33000000/",
    "/00000000/33000000/33010000/",
    "/00000000/32000000/",
)


@pytest.mark.parametrize(
    ("holder", "target", "covered"),
    [
        pytest.param(NATION, HANGZHOU, True, id="NATION_REACHES_A_CITY"),
        pytest.param(ZHEJIANG, ZHEJIANG, True, id="ITSELF"),
        pytest.param(ZHEJIANG, HANGZHOU, True, id="BELOW"),
        pytest.param(HANGZHOU, ZHEJIANG, False, id="ABOVE"),
        pytest.param(ZHEJIANG, JIANGSU, False, id="BESIDE"),
        pytest.param("/0000/33/", "/0000/330/", False, id="NAME_THAT_BEGINS_ALIKE"),
        pytest.param("/0000/33", "/0000/33/1/", False, id="HOLDER_WITHOUT_CLOSING_SLASH"),
        pytest.param("", HANGZHOU, False, id="NOWHERE"),
        pytest.param("/", HANGZHOU, False, id="A_BARE_SLASH_IS_NO_UNIT"),
        pytest.param("//", "///", False, id="EMPTY_PARTS"),
        pytest.param(NATION, "", False, id="TARGET_NOWHERE"),
    ],
)
def test_reach(holder: str, target: str, covered: bool) -> None:
    assert covers(holder, target) is covered


paths = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map(lambda parts: f"/{'/'.join(parts)}/")


@given(paths, paths, paths)
def test_reach_is_an_order(a: str, b: str, c: str) -> None:
    assert covers(a, a)
    assert not (covers(a, b) and covers(b, a)) or a == b
    assert not (covers(a, b) and covers(b, c)) or covers(a, c)
    assert covers(a, b) is (b.strip("/").split("/")[: a.count("/") - 1] == a.strip("/").split("/"))
