"""What keeps an item from being handed in is named: pictures without words, without use, without bytes, and broken formulas."""

from decimal import Decimal

import pytest

from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind, Pair, Picture, TextFormat
from lms.questionbank.domain.showable import hindrances
from tests.factories.pictures import png

HELD = Picture("a.png", png())


def item(stem: str, **more: object) -> ExchangeItem:
    return ExchangeItem(Kind.SINGLE, stem, **more)  # type: ignore[arg-type]  # a table of mixed values


CASES: dict[str, tuple[ExchangeItem, list[str]]] = {
    "all is well": (item("看 ![流程](a.png)，$x$", pictures=(HELD,)), []),
    "a picture in an option": (item("?", choices=(Choice("![甲](a.png)", Decimal(100)),), pictures=(HELD,)), []),
    "HTML": (item('<img src="@@PLUGINFILE@@/a.png" alt="x">', format=TextFormat.HTML, pictures=(HELD,)), []),
    "no words": (item("![](a.png)", pictures=(HELD,)), ["图片 a.png 没有文字说明"]),
    "HTML without words": (
        item('<img src="@@PLUGINFILE@@/a.png">', format=TextFormat.HTML, pictures=(HELD,)),
        ["图片 a.png 没有文字说明"],
    ),
    "no such picture": (item("![图](b.png)"), ["没有图片 b.png"]),
    "unused": (item("?", pictures=(HELD,)), ["图片 a.png 没有用在题目里"]),
    "broken bytes": (item("![图](a.png)", pictures=(Picture("a.png", b"x"),)), ["图片 a.png 无法打开"]),
    "a broken formula": (item(r"$\foo$ 和 $\foo$"), [r"公式 \foo 无法显示"]),
    "a broken formula in a case": (
        ExchangeItem(Kind.CASE, "?", children=(ExchangeItem(Kind.SHORT_ANSWER, "$bad$"),)),
        ["公式 bad 无法显示"],
    ),
    "a formula to be matched": (
        ExchangeItem(Kind.MATCHING, "?", pairs=(Pair("$x$", "一"), Pair("乙", "$y$"))),
        ["匹配题右边的内容在下拉列表里"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_hindrance_is_named(case: str) -> None:
    found, said = CASES[case]
    told = hindrances(found, lambda tex: tex in {"x", "y"})
    assert len(told) == len(said), told
    assert all(one.startswith(beginning) for one, beginning in zip(told, said, strict=True))
