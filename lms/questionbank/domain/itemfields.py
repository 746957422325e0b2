"""From the fields of one item as they stand in a text to the item, or to the problems that its author should mend."""

import re
from collections.abc import Mapping, Sequence

from lms.questionbank.domain.citations import Citation, parse_citations
from lms.questionbank.domain.items import (
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    Item,
    ItemProblem,
    ItemType,
    Option,
    problem,
)
from lms.questionbank.domain.limits import Limits
from lms.questionbank.domain.plaintext import narrow

_TRUE = frozenset({"正确", "对", "√", "T"})
_FALSE = frozenset({"错误", "错", "×", "F"})
_DIFFICULTY = {"1": 1, "2": 2, "3": 3, "易": 1, "中": 2, "难": 3}
_CASE = {"是": 1, "否": 0}
_SEPARATORS = re.compile(r"[\s,，、;；/]")


class _Fields:
    """The values of one item with the lines to blame; gathers problems while they are read."""

    def __init__(self, line: int, values: Mapping[str, str], lines: Mapping[str, int]) -> None:
        self.line = line
        self.values = values
        self.lines = lines
        self.problems: list[ItemProblem] = []

    def blame(self, label: str, what: str) -> None:
        self.problems.append(problem(self.lines.get(label, self.line), label, what))

    def text(self, label: str, longest: int) -> str:
        value = self.values.get(label, "")
        if not value:
            self.blame(label, "没有填写")
        elif len(value) > longest:
            self.blame(label, f"有 {len(value)} 个字，最多 {longest} 个字")
        return value


def build(
    line: int,
    item_type: ItemType,
    ref: str,
    values: Mapping[str, str],
    lines: Mapping[str, int],
    options: Sequence[tuple[int, str, str]],
    limits: Limits,
) -> tuple[Item | None, list[ItemProblem]]:
    """The item and no problem, or None and the problems; `options` are (line, letter, text) as they stand."""
    fields = _Fields(line, values, lines)
    if not ref or len(ref) > limits.max_ref or re.search(r"\s", ref):
        fields.blame("编号", f"题型之后要写编号，例如 C1-001，不含空格，最多 {limits.max_ref} 个字符")
    stem = fields.text("题干", limits.max_stem)
    choices = _options(fields, item_type, options, limits)
    answer = _answer(fields, item_type, choices)
    explanation = fields.text("解析", limits.max_explanation)
    sources = _sources(fields, limits)
    knowledge_point = fields.text("知识点", limits.max_short_text)
    difficulty = _one_of(fields, "难度", _DIFFICULTY, "只能写 1（易）、2（中）或 3（难）")
    case = _one_of(fields, "情境", _CASE, "只能写 是 或 否")
    void_rule = fields.text("失效", limits.max_short_text)
    if fields.problems or difficulty is None or case is None:
        return None, fields.problems
    item = Item(
        ref, item_type, stem, choices, answer, explanation, sources, knowledge_point, difficulty, bool(case), void_rule
    )
    return item, []


def _options(
    fields: _Fields, item_type: ItemType, options: Sequence[tuple[int, str, str]], limits: Limits
) -> tuple[Option, ...]:
    if item_type is ItemType.TRUE_FALSE:
        if options:
            fields.problems.append(problem(options[0][0], "选项", "判断题不写选项，答案写 正确 或 错误"))
        return TRUE_FALSE_OPTIONS
    if not limits.min_options <= len(options) <= limits.max_options:
        fields.blame(
            "选项", f"有 {len(options)} 个，应有 {limits.min_options} 到 {limits.max_options} 个，写在题干之后"
        )
    for position, (line, key, text) in enumerate(options):
        wanted = OPTION_KEYS[position] if position < len(OPTION_KEYS) else "?"
        if key != wanted:
            fields.problems.append(problem(line, "选项", f"字母是 {key}，按顺序应是 {wanted}"))
        if not text:
            fields.problems.append(problem(line, "选项", f"{key} 没有内容"))
        elif len(text) > limits.max_option:
            fields.problems.append(problem(line, "选项", f"{key} 有 {len(text)} 个字，最多 {limits.max_option} 个字"))
    return tuple(Option(key, text) for _, key, text in options)


def _answer(fields: _Fields, item_type: ItemType, options: tuple[Option, ...]) -> tuple[str, ...]:
    value = _SEPARATORS.sub("", narrow(fields.values.get("答案", ""))).upper()
    if not value:
        fields.blame("答案", "没有填写")
        return ()
    if item_type is ItemType.TRUE_FALSE:
        if value not in _TRUE | _FALSE:
            fields.blame("答案", "判断题的答案只能写 正确 或 错误")
        return ("T",) if value in _TRUE else ("F",)
    keys = [option.key for option in options]
    unknown = "、".join(sorted({key for key in value if key not in keys}))
    if unknown:
        fields.blame("答案", f"{unknown} 不是本题的选项")
    elif len(set(value)) != len(value):
        fields.blame("答案", "字母重复")
    elif item_type is ItemType.SINGLE and len(value) != 1:
        fields.blame("答案", "单选题只有一个答案")
    elif item_type is ItemType.MULTIPLE and len(value) < 2:
        fields.blame("答案", "多选题至少有两个答案")
    return tuple(key for key in keys if key in value)


def _sources(fields: _Fields, limits: Limits) -> tuple[Citation, ...]:
    value = fields.text("依据", limits.max_stem)
    sources, unread = parse_citations(value)
    for part in unread:
        fields.blame("依据", f"“{part[:40]}”读不懂，请写成“工会法 第二条 第一款”或“通说：……”")
    if len(sources) > limits.max_sources:
        fields.blame("依据", f"有 {len(sources)} 条，最多 {limits.max_sources} 条")
    return sources


def _one_of(fields: _Fields, label: str, table: Mapping[str, int], what: str) -> int | None:
    value = narrow(fields.values.get(label, ""))
    if value not in table:
        fields.blame(label, what if value else "没有填写")
        return None
    return table[value]
