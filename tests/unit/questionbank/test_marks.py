"""Marked text: what its marks mean, and that any text is read without a fault and without losing a letter."""

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.domain.marks import (
    Paragraph,
    Run,
    Table,
    What,
    blocks,
    marked,
    name_in,
    numbered,
    picture_mark,
    plain,
    renamed,
    runs,
)

PIECES = [
    "**",
    "*",
    "$",
    "$$",
    "\\$",
    "\\",
    "![",
    "](",
    ")",
    "|",
    " | ",
    "---|---",
    "\n",
    "a",
    "甲",
    " ",
    "%28",
    "<b>",
    "1",
]
ANY = st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def formula(tex: str, *, display: bool = False) -> Run:
    return Run(tex, what=What.FORMULA, tex=tex, display=display)


def picture(alt: str, name: str) -> Run:
    return Run(f"（图：{alt}）" if alt else "（图）", what=What.PICTURE, name=name, alt=alt)


RUNS: dict[str, tuple[str, tuple[Run, ...]]] = {
    "words": ("工会是什么", (Run("工会是什么"),)),
    "a strong word": ("**不**是", (Run("不", strong=True), Run("是"))),
    "single stars": ("2*3*4", (Run("2*3*4"),)),
    "a formula in a line": ("设 $x^2$。", (Run("设 "), formula("x^2"), Run("。"))),
    "two amounts of money": ("从 $5 到 $10", (Run("从 $5 到 $10"),)),
    "an amount behind a formula's end": ("$5 和$10", (Run("$5 和$10"),)),
    "escaped dollars": (r"\$5 到 \$x\$", (Run("$"), Run("5 到 "), Run("$"), Run("x"), Run("$"))),
    "a dollar in a formula": (r"$a\$b$", (formula(r"a\$b"),)),
    "a formula of its own": ("$$x$$", (formula("x", display=True),)),
    "two dollars inside a line": ("甲 $$x$$ 乙", (Run("甲 $"), formula("x"), Run("$ 乙"))),
    "a formula never goes over a line": ("$x\ny$", (Run("$x\ny$"),)),
    "a picture": ("看 ![流程](a.png)", (Run("看 "), picture("流程", "a.png"))),
    "a picture without words": ("![](a.png)", (picture("", "a.png"),)),
    "a name with signs": ("![图](%E5%9B%BE%20%281%29.png)", (picture("图", "图 (1).png"),)),
    "a name as Moodle writes it": ("![图](@@PLUGINFILE@@/a.png)", (picture("图", "a.png"),)),
    "no picture": ("![图] (a.png) ![a](b", (Run("![图] (a.png) ![a](b"),)),
    "a formula in strong words": ("**取 $x$**", (Run("取 ", strong=True), Run("x", True, What.FORMULA, tex="x"))),
    "an end of a lone mark": ("** $ ![", (Run("** $ !["),)),
}


@pytest.mark.parametrize("case", RUNS)
def test_what_stands_in_a_line(case: str) -> None:
    text, found = RUNS[case]
    assert runs(text) == found


def cells(*texts: str) -> tuple[tuple[Run, ...], ...]:
    return tuple((Run(text),) if text else () for text in texts)


TABLES: dict[str, tuple[str, tuple[object, ...]]] = {
    "two lines": ("甲 | 乙\n1 | 2", (Table((cells("甲", "乙"), cells("1", "2")), headed=False),)),
    "with heads": ("甲 | 乙\n---|---\n1 | 2", (Table((cells("甲", "乙"), cells("1", "2")), headed=True),)),
    "heads with spaces": ("甲 | 乙\n :--- | ---: \n1 | 2", (Table((cells("甲", "乙"), cells("1", "2")), headed=True),)),
    "closed in by bars": ("| 甲 | 乙 |\n| 1 |  |", (Table((cells("甲", "乙"), cells("1", "")), headed=False),)),
    "one line": ("甲 | 乙", (Paragraph((Run("甲 | 乙"),)),)),
    "lines of other lengths": ("甲 | 乙\n丙", (Paragraph((Run("甲 | 乙\n丙"),)),)),
    "heads of another length": ("甲 | 乙\n---|---|---", (Paragraph((Run("甲 | 乙\n---|---|---"),)),)),
    "no spaces at the bar": ("a|b\nc|d", (Paragraph((Run("a|b\nc|d"),)),)),
    "text around": (
        "前\n甲 | 乙\n1 | 2\n后",
        (Paragraph((Run("前"),)), Table((cells("甲", "乙"), cells("1", "2")), headed=False), Paragraph((Run("后"),))),
    ),
    "of another length behind": (
        "甲 | 乙\n1 | 2\n3 | 4 | 5",
        (Table((cells("甲", "乙"), cells("1", "2")), headed=False), Paragraph((Run("3 | 4 | 5"),))),
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_what_is_a_table(case: str) -> None:
    text, found = TABLES[case]
    assert blocks(text) == found


def test_a_cell_holds_whatever_a_line_does() -> None:
    (table,) = blocks("**甲** | $x$\n![图](a.png) | 2")
    assert isinstance(table, Table)
    assert table.rows[0] == ((Run("甲", strong=True),), (formula("x"),))
    assert table.rows[1][0] == (picture("图", "a.png"),)


@given(ANY)
def test_any_text_is_read(text: str) -> None:
    for block in blocks(text):
        if isinstance(block, Table):
            assert len({len(row) for row in block.rows}) == 1 and len(block.rows[0]) > 1
    assert isinstance(plain(text), str)
    assert marked(text) == (plain(text) != text)


@given(st.text(st.characters(exclude_characters="*$![]()|\\\r")))
def test_text_without_marks_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@given(ANY, st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_numbers_take_the_place_of_names_and_change_nothing_else(text: str, names: list[str]) -> None:
    after = numbered(text, names)
    assert len(runs(after)) == len(runs(text))
    assert not {run.name for run in runs(after) if run.name} & (set(names) - {"1", "2", "3"})
    assert renamed(text, lambda _name: None) == text


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_a_mark_of_a_picture_is_read_back(name: str, alt: str) -> None:
    name = name.replace("\r", "").strip() or "a"
    (run,) = runs(picture_mark(alt, name))
    assert run.what is What.PICTURE
    assert run.name == name_in(name.replace("%", "%25"))


def test_marks_in_lists_become_words() -> None:
    assert plain("看**图** ![流程](a.png)，$x$\n甲 | 乙\n---|---\n1 | 2") == "看图 （图：流程），x\n甲 | 乙\n1 | 2"


def test_long_texts_take_no_longer_than_they_are() -> None:
    for piece in ("$a ", "**a", "![", " | ", " ", "\\", "$$", "---|"):
        blocks(piece * 20_000)


HTML: dict[str, tuple[str, str]] = {
    "a picture of its own": ('<img src="@@PLUGINFILE@@/a%20b.png" alt="流程">', "![流程](a%20b.png)"),
    "a picture elsewhere": ('<img src="https://x.test/a.png" alt="流程">', "（图：流程）"),
    "heads": (
        "<table><tr><th>甲</th><th>乙</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "甲 | 乙\n---|---\n1 | 2",
    ),
    "heads of rows": (
        "<table><tr><th>甲</th><td>1</td></tr><tr><th>乙</th><td>2</td></tr></table>",
        "甲 | 1\n乙 | 2",
    ),
    "paragraphs in cells": ("<table><tr><td><p>甲</p><p>乙</p></td><td>2</td></tr></table>", "甲 乙 | 2"),
    "an empty cell": ("<table><tr><td></td><td>2</td><td>3</td></tr></table>", "|  | 2 | 3 |"),
    "TeX in a line": (r"设 \(x^2\) 为", "设 $x^2$ 为"),
    "TeX of its own": ("设<br>$$x^2$$", "设\n$$x^2$$"),
    "a dollar": ("花费 $5", r"花费 \$5"),
    "an open row": ("<tr><td>甲<td>乙", "甲 | 乙"),
    "cells without a row": ("<td>甲</td>", "甲"),
}


@pytest.mark.parametrize("case", HTML)
def test_html_keeps_what_papers_can_show(case: str) -> None:
    html, text = HTML[case]
    assert from_html(html) == text


@given(
    st.lists(
        st.sampled_from(["<table>", "<tr>", "<td>", "<th>", "</td>", "</tr>", "</table>", "甲", "<p>", "<b>"])
    ).map("".join)
)
def test_any_table_of_html_keeps_its_words(html: str) -> None:
    assert from_html(html).count("甲") == html.count("甲")


def test_a_section_that_no_parser_knows_is_text() -> None:
    assert from_html("<p>看 <![图] 和 <![CDATA[乙]]></p>") == "看 <![图] 和 <![CDATA[乙]]>"
