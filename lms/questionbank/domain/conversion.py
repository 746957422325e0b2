"""Between the items of a lecture (three types, letters, citations) and the neutral ones that formats carry."""

from dataclasses import dataclass

from lms.questionbank.domain.exchange import (
    Choice as ExchangeChoice,
    ExchangeItem,
    Kind,
    TextFormat,
    even_fractions,
    neat,
    one_line,
    reference_code,
    right_choices,
    true_false,
)
from lms.questionbank.domain.items import Option
from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.domain.marks import marked

_MIDDLE = 2


@dataclass(frozen=True)
class Columns:
    """What a bank keeps of an item in columns of its own; a type that no machine marks from letters has no options."""

    type: str
    stem: str
    options: tuple[Option, ...]
    answer: tuple[str, ...]
    explanation: str
    sources: tuple[str, ...]
    knowledge_point: str
    difficulty: int
    is_case: bool
    void_rule: str


def to_columns(item: ExchangeItem) -> Columns:
    """The columns of an imported item: without a difficulty it counts as of the middle one.

    Without a knowledge point the last name of its category is one. HTML becomes marked text: that is what papers are written in.
    """
    text = from_html if item.format is TextFormat.HTML else str
    keys = ("T", "F") if item.kind is Kind.TRUE_FALSE else tuple(chr(ord("A") + n) for n in range(len(item.choices)))
    pairs = list(zip(keys, item.choices, strict=True))
    return Columns(
        type=item.kind.value,
        stem=text(item.stem),
        options=tuple(Option(key, text(choice.text)) for key, choice in pairs),
        answer=tuple(key for key, is_right in zip(keys, right_choices(item), strict=True) if is_right),
        explanation=text(item.feedback),
        sources=(item.source,) if item.source else (),
        knowledge_point=item.knowledge_point or item.category.rsplit("/", 1)[-1][:60],
        difficulty=item.difficulty or _MIDDLE,
        is_case=item.situational,
        void_rule=item.void_rule,
    )


def from_columns(ref: str, columns: Columns) -> ExchangeItem:
    """The neutral form of a lecture's item; a stem with **strong** words is markdown."""
    kind = Kind(columns.type)
    right = tuple(option.key in columns.answer for option in columns.options)
    texts = [columns.stem, columns.explanation, *(option.text for option in columns.options)]
    if kind is Kind.TRUE_FALSE:
        choices = true_false(right[0])
    else:
        fractions = even_fractions(kind, right)
        choices = tuple(  # type: ignore[assignment]
            ExchangeChoice(neat(option.text), fraction)
            for option, fraction in zip(columns.options, fractions, strict=True)
        )
    return ExchangeItem(
        kind,
        neat(columns.stem),
        TextFormat.MARKDOWN if any(map(marked, texts)) else TextFormat.PLAIN,
        ref=reference_code(ref),
        choices=choices,
        feedback=neat(columns.explanation),
        difficulty=columns.difficulty,
        knowledge_point=one_line(columns.knowledge_point),
        source="；".join(map(one_line, columns.sources)),
        void_rule=one_line(columns.void_rule),
        situational=columns.is_case,
    )
