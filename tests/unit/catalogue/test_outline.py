"""An outline is typed as lines, kept as a list, and comes back as the same lines."""

import pytest
from hypothesis import given, strategies as st

from lms.catalogue.domain.outline import as_html, as_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("甲\n乙", "<ul><li>甲</li><li>乙</li></ul>"),
        ("- 甲\n\n2. 乙\r\n③丙", "<ul><li>甲</li><li>乙</li><li>③丙</li></ul>"),
        ("工资 < 3000 & 工时 > 8", "<ul><li>工资 &lt; 3000 &amp; 工时 &gt; 8</li></ul>"),
        ("<p>已有格式</p>", "<p>已有格式</p>"),
        ("  \n ", ""),
    ],
    ids=["LINES", "BULLETS_AND_NUMBERS", "SPECIAL_CHARACTERS", "HTML", "NOTHING"],
)
def test_what_is_typed_becomes_a_list(typed: str, kept: str) -> None:
    assert as_html(typed) == kept


@given(st.lists(st.text(alphabet="甲乙丙&<>\"' a", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_lines_come_back_as_they_were(points: list[str]) -> None:
    typed = "\n".join(points)
    assert as_text(as_html(typed)) == typed


@pytest.mark.parametrize("html", ["<p>一段</p>", "<ul><li><strong>重</strong>点</li></ul>", ""])
def test_other_html_is_edited_as_it_is(html: str) -> None:
    assert as_text(html) == html
