"""Nested scopes come down to the outermost ones."""

import pytest

from lms.kernel.scope import outermost

CASES = {
    "NONE": ([], ()),
    "ONE": (["/a/"], ("/a/",)),
    "INSIDE_ANOTHER": (["/a/b/", "/a/"], ("/a/",)),
    "SIDE_BY_SIDE": (["/a/c/", "/a/b/"], ("/a/b/", "/a/c/")),
    "TWICE": (["/a/b/", "/a/b/"], ("/a/b/",)),
    "A_NAME_THAT_ONLY_BEGINS_ALIKE": (["/a/", "/ab/"], ("/a/", "/ab/")),
    "DEEP_AND_SHALLOW": (["/a/b/c/", "/d/", "/a/b/", "/d/e/f/"], ("/a/b/", "/d/")),
    "NOT_A_PATH": (["", "/a", "a/"], ("a/",)),
}


@pytest.mark.parametrize(("paths", "kept"), CASES.values(), ids=CASES.keys())
def test_what_lies_in_another_scope_is_left_out(paths: list[str], kept: tuple[str, ...]) -> None:
    assert outermost(paths) == kept
