"""A holder reaches their own unit and what lies below it."""

import pytest
from hypothesis import given, strategies as st

from lms.kernel.scope import covers

PATHS = st.lists(st.sampled_from(["a", "b", "ab", "0f"]), min_size=1, max_size=5).map(
    lambda parts: f"/{'/'.join(parts)}/"
)


@pytest.mark.parametrize(
    ("holder", "target", "reached"),
    [
        ("/a/", "/a/", True),
        ("/a/", "/a/b/", True),
        ("/a/", "/a/b/c/", True),
        ("/a/b/", "/a/", False),
        ("/a/", "/b/", False),
        ("/a/", "/ab/", False),
        ("/a/b/", "/a/bc/", False),
        ("", "/a/", False),
        ("/a/", "", False),
        ("/a", "/a/", False),
        ("/a", "/ab/", False),
    ],
)
def test_a_path_covers_itself_and_what_is_below(holder: str, target: str, reached: bool) -> None:
    assert covers(holder, target) is reached


@given(one=PATHS, other=PATHS)
def test_two_units_cover_each_other_only_when_they_are_one(one: str, other: str) -> None:
    assert (covers(one, other) and covers(other, one)) is (one == other)


@given(one=PATHS, middle=PATHS, other=PATHS)
def test_reach_is_handed_down(one: str, middle: str, other: str) -> None:
    if covers(one, middle) and covers(middle, other):
        assert covers(one, other)
