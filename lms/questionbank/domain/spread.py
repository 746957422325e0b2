"""Measures over a bank: are its keys, truths, levels, cases and lengths spread as chance and fairness would have them?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lms.questionbank.domain.items import Item, ItemType, Option
from lms.questionbank.domain.similarity import bare
from lms.questionbank.domain.statistics import at_least, chi_square, chi_square_p
from lms.questionbank.domain.thresholds import Thresholds
from lms.questionbank.domain.wording import has_absolute_word


@dataclass(frozen=True)
class Measure:
    """One number of the report: what was measured, what came out, what is allowed, and whether it is kept."""

    name: str
    value: str
    allowed: str
    kept: bool


def measures(items: Sequence[Item], limits: Thresholds) -> tuple[Measure, ...]:
    """All measures of the spread of a bank, or of all banks together."""
    of_type = {kind: [item for item in items if item.type is kind] for kind in ItemType}
    choices = [*of_type[ItemType.SINGLE], *of_type[ItemType.MULTIPLE]]
    return (
        _letters("单选答案的字母", of_type[ItemType.SINGLE], limits),
        _letters("多选答案的字母", of_type[ItemType.MULTIPLE], limits),
        _longest("单选中最长的选项是答案", of_type[ItemType.SINGLE], limits),
        _longest("多选中最长的选项是答案", of_type[ItemType.MULTIPLE], limits),
        _right_counts(of_type[ItemType.MULTIPLE], limits),
        _truth(of_type[ItemType.TRUE_FALSE], limits),
        _difficulty(items, limits),
        _cases(items, limits),
        _absolute_words(choices, of_type[ItemType.TRUE_FALSE], limits),
    )


def counts(items: Sequence[Item], limits: Thresholds) -> tuple[Measure, ...]:
    """Whether a bank has enough items of each type."""
    wanted = {
        ItemType.SINGLE: ("单选题", limits.min_single),
        ItemType.MULTIPLE: ("多选题", limits.min_multiple),
        ItemType.TRUE_FALSE: ("判断题", limits.min_true_false),
    }
    of_type = Counter(item.type for item in items)
    rows = [Measure("题目", str(len(items)), f"至少 {limits.min_items}", len(items) >= limits.min_items)]
    rows += [
        Measure(name, str(of_type[kind]), f"至少 {fewest}", of_type[kind] >= fewest)
        for kind, (name, fewest) in wanted.items()
    ]
    return tuple(rows)


def _letters(name: str, items: Sequence[Item], limits: Thresholds) -> Measure:
    """Chi-square of how often each letter is right against what the numbers of options would give."""
    letters = sorted({option.key for item in items for option in item.options})
    observed = Counter(key for item in items for key in item.answer)
    expected = {
        letter: sum(len(item.answer) / len(item.options) for item in items if _offers(item, letter))
        for letter in letters
    }
    statistic = chi_square([observed[letter] for letter in letters], [expected[letter] for letter in letters])
    p = chi_square_p(statistic, len(letters) - 1)
    shown = " ".join(f"{letter}{observed[letter]}" for letter in letters)
    return Measure(
        name, f"{shown}，χ²={statistic:.2f}，p={p:.3f}", f"p ≥ {limits.significance}", p >= limits.significance
    )


def _longest(name: str, items: Sequence[Item], limits: Thresholds) -> Measure:
    """How often the one longest option is right, against the share that chance would give it."""
    pairs = [(item, longest) for item in items if (longest := _one_longest(item)) is not None]
    hits = sum(longest.key in item.answer for item, longest in pairs)
    chances = [len(item.answer) / len(item.options) for item, _ in pairs]
    p = at_least(hits, chances)
    value = f"{hits}/{len(pairs)}，公平份额 {sum(chances):.1f}，p={p:.3f}"
    return Measure(name, value, f"p ≥ {limits.significance}", p >= limits.significance)


def _right_counts(items: Sequence[Item], limits: Thresholds) -> Measure:
    found = Counter(len(item.answer) for item in items)
    most = max(found.values(), default=0)
    kept = not items or (len(found) > 1 and most <= limits.max_share_of_one_right_count * len(items))
    value = "、".join(f"{count} 个的 {found[count]} 题" for count in sorted(found))
    return Measure(
        "多选正确选项的个数", value, f"有变化，同一个数不超过 {limits.max_share_of_one_right_count:.0%}", kept
    )


def _truth(items: Sequence[Item], limits: Thresholds) -> Measure:
    true = sum(item.answer == ("T",) for item in items)
    allowed = max(1.0, limits.truth_tolerance * len(items))
    kept = abs(true - len(items) / 2) <= allowed
    return Measure("判断题的对错", f"对 {true}，错 {len(items) - true}", f"各半，相差不超过 {2 * allowed:.0f}", kept)


def _difficulty(items: Sequence[Item], limits: Thresholds) -> Measure:
    found = Counter(item.difficulty for item in items)
    low, high = limits.difficulty_share
    shares = {level: found[level] / max(1, len(items)) for level in (1, 2, 3)}
    value = " ".join(
        f"{name}{found[level]}（{shares[level]:.0%}）" for level, name in ((1, "易"), (2, "中"), (3, "难"))
    )
    return Measure(
        "难度", value, f"每级 {low:.0%} 到 {high:.0%}", all(low <= share <= high for share in shares.values())
    )


def _cases(items: Sequence[Item], limits: Thresholds) -> Measure:
    count = sum(item.case for item in items)
    share = count / max(1, len(items))
    return Measure(
        "情境题", f"{count}（{share:.0%}）", f"至少 {limits.min_case_share:.0%}", share >= limits.min_case_share
    )


def _absolute_words(choices: Sequence[Item], statements: Sequence[Item], limits: Thresholds) -> Measure:
    """Whether options and statements with absolute words are wrong more often than others are."""
    wrong, chances = 0, []
    for item in choices:
        for option in item.options:
            if has_absolute_word(option.text):
                wrong += option.key not in item.answer
                chances.append(1 - len(item.answer) / len(item.options))
    false_share = sum(item.answer == ("F",) for item in statements) / max(1, len(statements))
    for item in statements:
        if has_absolute_word(item.stem):
            wrong += item.answer == ("F",)
            chances.append(false_share)
    p = at_least(wrong, chances)
    kept = len(chances) < limits.min_absolute_words or p >= limits.significance
    value = f"{len(chances)} 处，其中 {wrong} 处是错的，p={p:.3f}"
    return Measure("绝对化词语不泄露答案", value, f"p ≥ {limits.significance}", kept)


def _offers(item: Item, letter: str) -> bool:
    return any(option.key == letter for option in item.options)


def _one_longest(item: Item) -> Option | None:
    ordered = sorted(item.options, key=lambda option: len(bare(option.text)), reverse=True)
    return ordered[0] if len(bare(ordered[0].text)) > len(bare(ordered[1].text)) else None
