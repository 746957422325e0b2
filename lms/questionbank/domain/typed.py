"""From the fields of the editor to an item, or to what its author should mend, by field; and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lms.questionbank.domain import knowledge
from lms.questionbank.domain.exchange import (
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Pair,
    TextFormat,
    even_fractions,
    neat,
    one_line,
    reference_code,
    right_choices,
    true_false,
)
from lms.questionbank.domain.formats.cellwords import alternatives_of, alternatives_text, pair_of, pair_text
from lms.questionbank.domain.formats.outcome import Refused
from lms.questionbank.domain.formats.soundness import faults_of
from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.domain.marks import marked

MOST_ROWS = 26
CHOICES = (Kind.SINGLE, Kind.MULTIPLE)


@dataclass(frozen=True)
class Typed:
    """What stands in the editor. `options` are (text, right), `parts` (question, model answer) of a case.

    `blanks` holds a blank a line, its alternatives between `|`; `pairs` a pair a line, `左 => 右`; `truth` is "T", "F" or "".
    """

    kind: Kind
    stem: str = ""
    options: tuple[tuple[str, bool], ...] = ()
    truth: str = ""
    blanks: str = ""
    case_sensitive: bool = False
    pairs: str = ""
    reference: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    feedback: str = ""
    ref: str = ""
    knowledge_point: str = ""
    difficulty: int = 2
    source: str = ""
    void_rule: str = ""
    valid_until: date | None = None
    situational: bool = False
    shuffle: bool = True


@dataclass(frozen=True)
class Made:
    """The item, or None and the problems by field name of `Typed`."""

    item: ExchangeItem | None
    problems: dict[str, str]


def editable(item: ExchangeItem) -> bool:
    """Whether the editor can hold all of the item: a case only when its questions are answered in words."""
    return all(child.kind is Kind.SHORT_ANSWER for child in item.children)


def made(typed: Typed, before: ExchangeItem | None = None) -> Made:
    """The item that was typed; what the editor has no field for (weights, feedback, tags) is kept from `before`."""
    problems: dict[str, str] = {}
    base = before if before and before.kind is typed.kind else ExchangeItem(typed.kind, "")
    kept = typed.knowledge_point == base.knowledge_point  # a file's own way to write it stands
    path = typed.knowledge_point if kept else knowledge.path_of(typed.knowledge_point)
    wrong = knowledge.problem_of(path) if path and not kept else None
    if wrong:
        problems["knowledge_point"] = wrong
    item = replace(
        base,
        stem=neat(typed.stem),
        choices=_choices(typed, base),
        blanks=_blanks(typed, base, problems),
        pairs=_pairs(typed, base, problems),
        reference=neat(typed.reference) if typed.kind is Kind.SHORT_ANSWER else "",
        children=_children(typed, base),
        feedback=neat(typed.feedback),
        ref=reference_code(typed.ref),
        knowledge_point=path,
        difficulty=typed.difficulty,
        source=one_line(typed.source),
        void_rule=one_line(typed.void_rule),
        valid_until=typed.valid_until,
        situational=typed.situational,
        shuffle=typed.shuffle,
    )
    item = replace(item, format=_format(item))
    if not problems:
        problems = {_field(fault, typed.kind): fault for fault in reversed(faults_of(item))}
    if not problems and typed.kind is Kind.MULTIPLE and sum(right for _text, right in _filled(typed)) < 2:
        problems["options"] = "多选题至少要有两个正确的选项"
    if not problems and typed.kind is Kind.SINGLE and sum(right for _text, right in _filled(typed)) > 1:
        problems["options"] = "单选题只能有一个正确的选项"
    return Made(None if problems else item, problems)


def typed_of(item: ExchangeItem) -> Typed:
    """What the editor shows of an item; HTML becomes marked text."""
    text = from_html if item.format is TextFormat.HTML else str
    rights = right_choices(item)
    choices = item.choices if item.kind in CHOICES else ()
    return Typed(
        item.kind,
        stem=text(item.stem),
        options=tuple((text(choice.text), right) for choice, right in zip(choices, rights, strict=False)),
        truth=("T" if rights[0] else "F") if item.kind is Kind.TRUE_FALSE and rights else "",
        blanks="\n".join(alternatives_text(blank.answers) for blank in item.blanks),
        case_sensitive=any(blank.case_sensitive for blank in item.blanks),
        pairs="\n".join(_pair_lines(item.pairs, text)),
        reference=text(item.reference),
        parts=tuple((text(child.stem), text(child.reference)) for child in item.children),
        feedback=text(item.feedback),
        ref=item.ref,
        knowledge_point=item.knowledge_point,
        difficulty=item.difficulty or 2,
        source=item.source,
        void_rule=item.void_rule,
        valid_until=item.valid_until,
        situational=item.situational,
        shuffle=item.shuffle,
    )


def _pair_lines(pairs: Sequence[Pair], text: Callable[[str], str] = str) -> list[str]:
    """A pair a line, whatever lines its parts had."""
    return [one_line(pair_text(replace(pair, prompt=text(pair.prompt)))) for pair in pairs]


def _filled(typed: Typed) -> tuple[tuple[str, bool], ...]:
    return tuple((neat(text), right) for text, right in typed.options if text.strip() or right)


def _choices(typed: Typed, base: ExchangeItem) -> tuple[Choice, ...]:
    if typed.kind is Kind.TRUE_FALSE:
        said = [choice.feedback for choice in base.choices] or ["", ""]
        return true_false(typed.truth == "T", when_true=said[0], when_false=said[1]) if typed.truth else ()
    if typed.kind not in CHOICES:
        return ()
    filled = _filled(typed)
    rights = tuple(right for _text, right in filled)
    if rights == right_choices(base):  # the author's own weights stand as long as the same ones are right
        return tuple(replace(old, text=text) for old, (text, _right) in zip(base.choices, filled, strict=True))
    fractions = even_fractions(typed.kind, rights)
    return tuple(Choice(text, fraction) for (text, _right), fraction in zip(filled, fractions, strict=True))


def _blanks(typed: Typed, base: ExchangeItem, problems: dict[str, str]) -> tuple[Blank, ...]:
    if typed.kind is not Kind.FILL_IN:
        return ()
    lines = [line.strip() for line in typed.blanks.splitlines() if line.strip()]
    if lines == [alternatives_text(blank.answers) for blank in base.blanks]:
        return tuple(replace(blank, case_sensitive=typed.case_sensitive) for blank in base.blanks)
    blanks = []
    for number, line in enumerate(lines, start=1):
        try:
            blanks.append(Blank(alternatives_of(line), typed.case_sensitive))
        except Refused as refusal:
            problems.setdefault("blanks", f"第 {number} 空：{refusal}")
    return tuple(blanks)


def _pairs(typed: Typed, base: ExchangeItem, problems: dict[str, str]) -> tuple[Pair, ...]:
    if typed.kind is not Kind.MATCHING:
        return ()
    lines = [line.strip() for line in typed.pairs.splitlines() if line.strip()]
    if lines == _pair_lines(base.pairs) and base.format is not TextFormat.HTML:
        return base.pairs
    pairs: list[Pair] = []
    for number, line in enumerate(lines, start=1):
        try:
            pairs.append(pair_of(line))
        except Refused as refusal:
            problems.setdefault("pairs", f"第 {number} 行：{refusal}")
    return tuple(pairs)


def _children(typed: Typed, base: ExchangeItem) -> tuple[ExchangeItem, ...]:
    if typed.kind is not Kind.CASE:
        return ()
    known = base.children
    return tuple(
        replace(
            known[place] if place < len(known) else ExchangeItem(Kind.SHORT_ANSWER, ""),
            stem=neat(question),
            reference=neat(answer),
            format=TextFormat.PLAIN,
        )
        for place, (question, answer) in enumerate(
            (question, answer) for question, answer in typed.parts if question.strip() or answer.strip()
        )
    )


def _format(item: ExchangeItem) -> TextFormat:
    texts = (item.stem, item.feedback, *(choice.text for choice in item.choices))
    return TextFormat.MARKDOWN if any(map(marked, texts)) else TextFormat.PLAIN


_FIELDS = (
    ("题干", "stem"),
    ("编号", "ref"),
    ("解析", "feedback"),
    ("依据", "source"),
    ("失效", "void_rule"),
    ("参考答案", "reference"),
)
_BODY = {
    Kind.SINGLE: "options",
    Kind.MULTIPLE: "options",
    Kind.TRUE_FALSE: "truth",
    Kind.FILL_IN: "blanks",
    Kind.MATCHING: "pairs",
    Kind.SHORT_ANSWER: "reference",
    Kind.CASE: "parts",
}


def _field(fault: str, kind: Kind) -> str:
    """The field that a fault of soundness speaks of."""
    return next((field for word, field in _FIELDS if fault.startswith(word)), _BODY[kind])


def rows_of(texts: Sequence[str], rights: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Rows of options from the fields of a form: texts in order, and the numbers of those that are right."""
    return tuple((text, str(number) in rights) for number, text in enumerate(texts[:MOST_ROWS]))
