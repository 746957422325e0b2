"""An item of a bank as plain data: what a learner is asked, what is right, why, and on which ground."""

from dataclasses import dataclass
from enum import StrEnum

from lms.questionbank.domain.citations import Citation

OPTION_KEYS = "ABCDEFGH"


class ItemType(StrEnum):
    """The three types that a machine marks."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


@dataclass(frozen=True)
class Option:
    """One choice: its letter (T and F for true and false) and its text."""

    key: str
    text: str


TRUE_FALSE_OPTIONS = (Option("T", "正确"), Option("F", "错误"))


@dataclass(frozen=True)
class Item:
    """One question; `answer` holds the keys of the right options in their order, `void_rule` which change of law ends it."""

    ref: str
    type: ItemType
    stem: str
    options: tuple[Option, ...]
    answer: tuple[str, ...]
    explanation: str
    sources: tuple[Citation, ...]
    knowledge_point: str
    difficulty: int
    case: bool
    void_rule: str

    @property
    def right_options(self) -> tuple[Option, ...]:
        """The options that the key names."""
        return tuple(option for option in self.options if option.key in self.answer)


@dataclass(frozen=True)
class ItemProblem:
    """Why a text could not be read: the line (from 1), the field and a sentence for its author."""

    line: int
    field: str
    message: str


def problem(line: int, field: str, what: str) -> ItemProblem:
    """A problem whose message names line and field."""
    return ItemProblem(line, field, f"第 {line} 行，{field}：{what}")


def as_data(item: Item) -> dict[str, object]:
    """The item in the shape that question_banks/schema.json describes."""
    return {
        "ref": item.ref,
        "type": item.type.value,
        "stem": item.stem,
        "options": [{"key": option.key, "text": option.text} for option in item.options],
        "answer": list(item.answer),
        "explanation": item.explanation,
        "sources": [source.text for source in item.sources],
        "knowledge_point": item.knowledge_point,
        "difficulty": item.difficulty,
        "case": item.case,
        "void_rule": item.void_rule,
    }
