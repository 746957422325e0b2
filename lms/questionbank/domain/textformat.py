"""The readable text format of a bank: `parse` never raises and names every problem, `render` writes what `parse` reads back."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lms.questionbank.domain.citations import Notion
from lms.questionbank.domain.itemfields import build
from lms.questionbank.domain.items import Item, ItemProblem, ItemType, problem
from lms.questionbank.domain.limits import LIMITS, Limits
from lms.questionbank.domain.plaintext import canonical, joined, lines, narrow

TYPE_NAMES = {ItemType.SINGLE: "单选", ItemType.MULTIPLE: "多选", ItemType.TRUE_FALSE: "判断"}
LABELS = ("题干", "答案", "解析", "依据", "知识点", "难度", "情境", "失效")

_TYPES = {
    "单选": ItemType.SINGLE,
    "单项选择": ItemType.SINGLE,
    "多选": ItemType.MULTIPLE,
    "多项选择": ItemType.MULTIPLE,
    "判断": ItemType.TRUE_FALSE,
}
_HEADER = re.compile(r"^[【\[［〔]\s*([^】\]］〕]{1,10}?)\s*[】\]］〕]\s*[:：]?\s*(.*)$")
_REFERENCE = re.compile(r"^[A-Za-z]+\d*-\d+$")
_LABEL = re.compile(rf"^({'|'.join(LABELS)})\s*[:：]\s*(.*)$")
_OPTION = re.compile(r"^([A-Ha-hＡ-Ｈａ-ｈ])\s*[.．、。:：)）]\s*(.*)$")


@dataclass(frozen=True)
class ParseResult:
    """The items that are whole, the line of each item's first line in the same order, and the problems of the others."""

    items: tuple[Item, ...]
    item_lines: tuple[int, ...]
    problems: tuple[ItemProblem, ...]


@dataclass
class Draft:
    """An item as its lines stand: per label the line and the parts of its value, the options in order; no type: not to be built."""

    line: int
    type: ItemType | None
    ref: str
    values: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    options: list[tuple[int, str, list[str]]] = field(default_factory=list)
    problems: list[ItemProblem] = field(default_factory=list)
    open_parts: list[str] | None = None
    options_may_follow: bool = False


def parse(text: str, limits: Limits = LIMITS) -> ParseResult:
    """Reads a bank; a text of any content gives a result, an item with a problem is left out and its problems are named."""
    if len(text) > limits.max_text:
        return ParseResult((), (), (problem(1, "全文", f"超过 {limits.max_text} 个字符，请分成几个文件"),))
    drafts, problems = _drafts(text, limits)
    items: list[Item] = []
    item_lines: list[int] = []
    first_line_of: dict[str, int] = {}
    for draft in drafts:
        if draft.type is None:
            continue
        value_of = {label: joined(parts) for label, (_, parts) in draft.values.items()}
        line_of = {label: line for label, (line, _) in draft.values.items()}
        options = [(line, key, joined(parts)) for line, key, parts in draft.options]
        item, faults = build(draft.line, draft.type, draft.ref, value_of, line_of, options, limits)
        faults = [*draft.problems, *faults]
        if draft.ref and draft.ref in first_line_of:
            faults.append(problem(draft.line, "编号", f"{draft.ref} 与第 {first_line_of[draft.ref]} 行重复"))
        first_line_of.setdefault(draft.ref, draft.line)
        problems.extend(faults)
        if item is not None and not faults:
            items.append(item)
            item_lines.append(draft.line)
    problems.sort(key=lambda one: one.line)
    return ParseResult(tuple(items), tuple(item_lines), tuple(problems[: limits.max_problems]))


def render(items: Iterable[Item]) -> str:
    """The text of the items; `parse` gives the same items back when their values are canonical."""
    return "\n".join(_render_item(item) for item in items)


def _render_item(item: Item) -> str:
    rows = [f"【{TYPE_NAMES[item.type]}】{item.ref}", f"题干：{canonical(item.stem)}"]
    if item.type is ItemType.TRUE_FALSE:
        answer = "正确" if item.answer == ("T",) else "错误"
    else:
        rows += [f"{option.key}. {canonical(option.text)}" for option in item.options]
        answer = "".join(item.answer)
    sources = "；".join(
        _separable(source.text) if isinstance(source, Notion) else source.text for source in item.sources
    )
    rows += [
        f"答案：{answer}",
        f"解析：{canonical(item.explanation)}",
        f"依据：{canonical(sources)}",
        f"知识点：{canonical(item.knowledge_point)}",
        f"难度：{item.difficulty}",
        f"情境：{'是' if item.case else '否'}",
        f"失效：{canonical(item.void_rule)}",
    ]
    return "\n".join(rows) + "\n"


def _separable(text: str) -> str:
    return re.sub("[；;]", "，", text)


def _drafts(text: str, limits: Limits) -> tuple[list[Draft], list[ItemProblem]]:
    drafts: list[Draft] = []
    problems: list[ItemProblem] = []
    stray = False
    for number, line in enumerate(lines(text), start=1):
        if not line or line.startswith("#"):
            continue
        started = _start(number, line)
        if isinstance(started, ItemProblem):
            problems.append(started)
            drafts.append(Draft(number, None, ""))
            continue
        if started is not None:
            if len(drafts) == limits.max_items:
                problems.append(problem(number, "题目", f"超过 {limits.max_items} 道，请分成几个文件"))
                break
            drafts.append(started)
        elif drafts:
            _add(drafts[-1], number, line)
        elif not stray:
            stray = True
            problems.append(problem(number, "题型", "题目之前要有一行题型和编号，例如【单选】C1-001"))
    return drafts, problems


def _start(number: int, line: str) -> Draft | ItemProblem | None:
    match = _HEADER.match(line)
    if match is None:
        return None
    item_type = _TYPES.get(match[1].removesuffix("题"))
    ref = narrow(match[2])
    if item_type is not None:
        return Draft(number, item_type, ref)
    if _REFERENCE.match(ref):
        return problem(number, "题型", f"不认识【{match[1]}】，只能写【单选】【多选】【判断】")
    return None


def _add(draft: Draft, number: int, line: str) -> None:
    label = _LABEL.match(line)
    option = _OPTION.match(line) if draft.options_may_follow else None
    if label is not None:
        name, parts = label[1], [label[2]]
        if name in draft.values:
            draft.problems.append(problem(number, name, "重复出现，前面可能漏写了题型行"))
        else:
            draft.values[name] = (number, parts)
        draft.open_parts, draft.options_may_follow = parts, name == "题干"
    elif option is not None:
        parts = [option[2]]
        draft.options.append((number, narrow(option[1]).upper(), parts))
        draft.open_parts = parts
    elif draft.open_parts is not None:
        draft.open_parts.append(line)
    else:
        draft.problems.append(problem(number, "题干", "题型行之后要写“题干：”"))
