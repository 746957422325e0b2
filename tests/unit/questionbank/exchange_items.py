"""Neutral items of every kind for round trips, with what a format cannot carry left out by name."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from lms.questionbank.domain.exchange import (
    ANYTHING,
    FULL,
    NONE,
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    Pair,
    Picture,
    TextFormat,
    category_path,
    neat,
    normal,
    one_line,
    reference_code,
    true_false,
)
from lms.questionbank.domain.formats.metatags import with_tags
from lms.questionbank.domain.formats.soundness import faults_of
from tests.factories.pictures import png

SIGNS = "\\#={}~:\n[]%|;；，。/*<>&\"'`↵.->±_@$ 　\tAaTF1９ａ甲乙題 𠮷"
PNG = png()
WORDS = (
    "[html]x",
    "//",
    "::a::",
    "$CATEGORY: x",
    "-> =>",
    "答案：A",
    "A. 甲",
    "【单选】C1-1",
    "%50%",
    "3±0.5",
    "1..5",
    "##",
    "\\n",
    "=1+1",
    "(AB)",
    "（√）",
    "]]>",
    "&nbsp;",
    "一、单选题",
    "1. x",
    "难度:3",
    "--",
    "子题",
    "\\|",
    "甲 | 乙\n---|---\n1 | 2",
    "$\\frac{1}{2}$",
    "\\$5",
    "$$x^2$$",
    "![图](a.png)",
    "![](图%20%281%29.png)",
    "**![y](z.png)**",
)
RAW = (
    st.text(st.sampled_from(SIGNS), max_size=8)
    | st.sampled_from(WORDS)
    | st.text(st.characters(codec="utf-8"), max_size=6)
)
TEXT = st.lists(RAW, max_size=3).map("".join)
SAID = TEXT.map(neat)
FILLED = SAID.filter(bool)
LINE = TEXT.map(one_line)
FRACTION = st.integers(-10_000_000, 10_000_000).map(lambda value: (Decimal(value) / 100_000).normalize() + 0)
NUMBER = st.tuples(st.integers(-(10**8), 10**8), st.integers(0, 6)).map(
    lambda pair: (Decimal(pair[0]) / 10 ** pair[1]).normalize() + 0
)


def _choices() -> st.SearchStrategy[tuple[Choice, ...]]:
    fraction = st.sampled_from([FULL, NONE, Decimal(50), Decimal("33.33333"), Decimal(-100)]) | FRACTION
    return st.lists(st.builds(Choice, FILLED, fraction, SAID), min_size=2, max_size=5).map(tuple)


def _blank(numbers: bool) -> st.SearchStrategy[Blank]:
    fraction = st.just(FULL) | FRACTION
    accepted = st.builds(Accepted, LINE.filter(bool), fraction, SAID)
    if not numbers:
        return st.builds(Blank, st.lists(accepted, min_size=1, max_size=3).map(tuple), st.booleans())
    number = st.builds(Number, NUMBER, NUMBER.map(abs), fraction, SAID)
    otherwise = st.builds(Accepted, st.just(ANYTHING), st.just(NONE), SAID)
    return st.builds(Blank, st.lists(number | otherwise, min_size=1, max_size=3).map(tuple))


@st.composite
def exchange_items(
    draw: st.DrawFn,
    kinds: Collection[Kind] = tuple(Kind),
    *,
    blanks: int = 3,
    pictures: bool = False,
    bare: bool = False,
) -> ExchangeItem:
    """A sound item in its normal form; `bare` leaves category and notes out, as a case's sub-item stands in its case."""
    kind = draw(st.sampled_from(sorted(kinds)))
    parts: dict[str, object] = {}
    if kind in (Kind.SINGLE, Kind.MULTIPLE):
        parts = {"choices": draw(_choices()), "shuffle": draw(st.booleans())}
    elif kind is Kind.TRUE_FALSE:
        parts = {"choices": true_false(draw(st.booleans()), when_true=draw(SAID), when_false=draw(SAID))}
    elif kind is Kind.FILL_IN:
        count = draw(st.integers(1, blanks))
        parts = {"blanks": tuple(draw(_blank(draw(st.booleans()))) for _ in range(count))}
        sensitive = any(blank.case_sensitive for blank in parts["blanks"])  # type: ignore[attr-defined]
        parts["blanks"] = tuple(Blank(blank.answers, sensitive) for blank in parts["blanks"])  # type: ignore[attr-defined]
    elif kind is Kind.MATCHING:
        pair = st.builds(Pair, SAID, LINE.filter(bool))
        parts = {"pairs": tuple(draw(st.lists(pair, min_size=2, max_size=4))), "shuffle": draw(st.booleans())}
    elif kind is Kind.SHORT_ANSWER:
        parts = {"reference": draw(SAID)}
    else:
        inner = exchange_items([one for one in Kind if one is not Kind.CASE], bare=True)
        parts = {"children": tuple(draw(st.lists(inner, min_size=1, max_size=3)))}
    if pictures:
        parts["pictures"] = tuple(
            draw(
                st.lists(
                    st.builds(Picture, FILE_NAME, st.integers(0, 255).map(png)),
                    max_size=2,
                    unique_by=lambda one: one.name,
                )
            )
        )
    item = ExchangeItem(
        kind,
        draw(FILLED),
        draw(st.sampled_from(TextFormat)),
        ref=draw(TEXT.map(reference_code)),
        title=draw(LINE),
        category="" if bare else draw(TEXT.map(category_path)),
        feedback=draw(SAID),
        difficulty=draw(st.none() | st.integers(1, 5)),
        knowledge_point=draw(LINE),
        source=draw(LINE),
        void_rule=draw(LINE),
        valid_until=draw(st.none() | st.dates(date(1000, 1, 1))),
        situational=draw(st.booleans()),
        tags=tuple(draw(st.lists(LINE.filter(bool).filter(lambda tag: not is_note(tag)), max_size=2, unique=True))),
        points=draw(
            st.just(Decimal(1)) | st.integers(0, 100_000).map(lambda value: Decimal(value) / 100).map(Decimal.normalize)
        ),
        penalty=draw(
            st.none() | st.integers(0, 10_000_000).map(lambda value: (Decimal(value) / 10_000_000).normalize() + 0)
        ),
        **parts,  # type: ignore[arg-type]
    )
    return normal(item)


def is_note(tag: str) -> bool:
    """Whether the tag says something that an item has a field for."""
    return not with_tags(ExchangeItem(Kind.FILL_IN, ""), [tag]).tags


FILE_NAME = st.sampled_from(["a.png", "z.png", "图 (1).png"]) | st.from_regex(r"[a-z甲]{1,6}\.png", fullmatch=True)


def sound(item: ExchangeItem) -> bool:
    """Whether the item may be stored at all."""
    return not faults_of(item)


def banks(**what: object) -> st.SearchStrategy[list[ExchangeItem]]:
    """Up to three sound items; codes are used once, also in cases."""
    return st.lists(exchange_items(**what).filter(sound), min_size=1, max_size=3).filter(_codes_differ)  # type: ignore[arg-type]


def _codes_differ(items: list[ExchangeItem]) -> bool:
    codes = [one.ref for item in items for one in (item, *item.children) if one.ref]
    return len(codes) == len(set(codes))
