"""TeX becomes MathML of a short list of elements, and nothing of the author's markup survives in it."""

import re
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings, strategies as st

from lms.infra.formulas import _ATTRIBUTES, _ELEMENTS, LONGEST, draws, mathml

SHOWN = {
    r"\frac{1}{2}x^2": "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac><msup><mi>x</mi><mn>2</mn></msup>",
    r"x<y": "<mi>x</mi><mo>&lt;</mo><mi>y</mi>",
    r"5\%": "<mn>5</mn><mi>%</mi>",
    r"\{a\}": '<mo stretchy="false">{</mo><mi>a</mi><mo stretchy="false">}</mo>',
    r"\sqrt[3]{x}": "<mroot><mrow><mi>x</mi></mrow><mn>3</mn></mroot>",
    r"\text{元/人}": "<mtext>元/人</mtext>",
}
NOT_SHOWN = (
    *("", " ", r"\foo x", r"\frac{1", "}", "{", r"\left(", "x_", r"\limits", "a & b", r"\sqrt", "x" * (LONGEST + 1)),
    *(r"\def\a{\a}\a", r"\newcommand{\x}{1}\x", r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}"),
    *(r"\class{a}{x}", r"\cssId{a}{x}", r"\unicode{x3c}", r"\require{html}", "{" * 300 + "x" + "}" * 300),
)
HOSTILE = (
    r"\text{<img src=x onerror=alert(1)>}",
    r"\text{</mtext><script>alert(1)</script>}",
    r"\text{&lt;img src=x onerror=alert(1)&gt;}",
    r"\mathrm{<svg/onload=alert(1)>}",
    r"\color{red\" onload=\"alert(1)}{x}",
    r"\hspace{1em\" onclick=\"x}",
    r'x" onmouseover="alert(1)',
)


@pytest.mark.parametrize("tex", SHOWN)
def test_tex_becomes_mathml(tex: str) -> None:
    found = str(mathml(tex))
    assert SHOWN[tex] in found
    assert fromstring(found).get("alttext") == tex


@pytest.mark.parametrize("tex", NOT_SHOWN)
def test_what_can_not_be_shown_is_none(tex: str) -> None:
    assert mathml(tex) is None and not draws(tex)


def test_a_formula_of_its_own_says_so() -> None:
    assert fromstring(str(mathml("x", display=True))).get("display") == "block"


def assert_harmless(tex: str) -> None:
    found = mathml(tex)
    if found is None:
        return
    for element in fromstring(str(found)).iter():
        assert element.tag in _ELEMENTS
        for name, value in element.items():
            if not (element.tag == "math" and name in {"alttext", "display"}):
                assert _ATTRIBUTES[name].fullmatch(value)


@pytest.mark.parametrize("tex", HOSTILE)
def test_markup_in_tex_stays_text(tex: str) -> None:
    assert_harmless(tex)
    inner = re.sub(r'(?<=alttext=")[^"]*', "", str(mathml(tex) or ""))
    assert "<img" not in inner and "<script" not in inner and "<svg" not in inner


WORDS = [
    r"\frac",
    r"\text",
    r"\href",
    r"\color",
    r"\left",
    r"\right",
    r"\begin{matrix}",
    r"\end{matrix}",
    r"\\",
    "{",
    "}",
]
MORE = [
    "&",
    "^",
    "_",
    "<b>",
    '"',
    "'",
    "x",
    "1",
    "甲",
    " ",
    "\\",
    "#",
    "$",
    "(",
    ")",
    "[",
    "]",
    r"\unicode",
    r"\mathbb",
    "\x00",
]


@settings(deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS + MORE), max_size=20).map("".join))
def test_any_tex_is_harmless(tex: str) -> None:
    assert_harmless(tex)
