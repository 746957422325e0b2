"""An item as an exam needs it: what is shown of it, and what is right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from uuid import UUID

from lms.exams.domain.blueprint import CHOICE_TYPES, ItemType
from lms.exams.domain.keys import Accepted, Blank, Blanks, ByHand, Choices, Key, Matches, Number
from lms.questionbank.domain import exchange
from lms.questionbank.domain.exchange import FULL, ExchangeItem, Picture, even_fractions, right_choices
from lms.questionbank.domain.items import Option
from lms.questionbank.domain.marks import numbered, runs
from lms.questionbank.queries import ItemVersion


@dataclass(frozen=True, slots=True)
class ExamItem:
    """One version of an item, key and explanation with it; it never changes.

    `prompts` are what is matched, or the questions of a case; `places` is how many texts an answer has (1 for choices). Its
    texts name `pictures` by their numbers. The first `asked_pictures` of them belong to what is asked; the others stand in the
    explanation or the reference only, and stay with these. `may_shuffle`: its options may stand in another order than the
    author's.
    """

    id: UUID
    bank: str
    type: str
    stem: str
    options: tuple[Option, ...]
    prompts: tuple[str, ...]
    places: int
    key: Key
    explanation: str
    sources: tuple[str, ...]
    pictures: tuple[Picture, ...] = ()
    asked_pictures: int = 0
    may_shuffle: bool = True

    def shown_pictures(self, *, whole: bool) -> tuple[Picture, ...]:
        """What may be seen of its pictures: those of the question, or `whole` with those of the explanation."""
        return self.pictures if whole else self.pictures[: self.asked_pictures]

    @property
    def option_keys(self) -> tuple[str, ...]:
        """The keys of its options as they stand where nothing shuffles them: in the author's order, those to match by their texts."""
        return tuple(option.key for option in self.options)


def exam_item(one: ItemVersion) -> ExamItem:
    """A version as exams need it."""
    parts = asked(one.type, one.options, one.answer, one.content)
    held = one.content.pictures if one.content else ()
    may_shuffle = one.type != ItemType.TRUE_FALSE and (one.content is None or one.content.shuffle)
    if not held:
        texts = (one.stem, parts.options, parts.prompts, parts.places, parts.key, one.explanation, one.sources)
        return ExamItem(one.id, one.bank, one.type, *texts, may_shuffle=may_shuffle)
    said = (one.stem, *(option.text for option in parts.options), *parts.prompts)
    named = {run.name for text in said for run in runs(text)}
    # Not in the author's order: numbers that follow it would tell which option is which.
    pictures = sorted(held, key=lambda picture: (picture.name not in named, picture.digest))
    text = partial(numbered, names=[picture.name for picture in pictures])
    key = ByHand(text(parts.key.reference)) if isinstance(parts.key, ByHand) else parts.key
    return ExamItem(
        one.id,
        one.bank,
        one.type,
        text(one.stem),
        tuple(replace(option, text=text(option.text)) for option in parts.options),
        tuple(map(text, parts.prompts)),
        parts.places,
        key,
        text(one.explanation),
        one.sources,
        tuple(pictures),
        sum(picture.name in named for picture in pictures),
        may_shuffle,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of an item that differ by its type."""

    options: tuple[Option, ...]
    prompts: tuple[str, ...]
    places: int
    key: Key


def asked(kind: str, options: tuple[Option, ...], answer: Sequence[str], content: ExchangeItem | None) -> Asked:
    """The parts of an item of whatever type; all but choices need their whole `content`. Raises ValueError without it."""
    if kind in CHOICE_TYPES:
        return Asked(options, (), 1, Choices(tuple(answer), _weights(options, content)))
    if content is None:
        raise ValueError(f"an item of type {kind} without its content")
    if kind == ItemType.FILL_IN:
        return Asked((), (), len(content.blanks), Blanks(tuple(map(_blank, content.blanks))))
    if kind == ItemType.MATCHING:
        return _matching(content)
    prompts = tuple(child.stem for child in content.children)
    references = (content.reference, *(child.reference for child in content.children))
    return Asked((), prompts, max(len(prompts), 1), ByHand("\n".join(filter(None, references))))


def _weights(options: tuple[Option, ...], content: ExchangeItem | None) -> dict[str, Decimal]:
    """An author's own weights; equal shares of the right options, and nothing for the others, are none."""
    if content is None or len(content.choices) != len(options):
        return {}
    usual = even_fractions(content.kind, right_choices(content))
    given = tuple(choice.fraction for choice in content.choices)
    if given == usual or all(fraction in (FULL, 0) for fraction in given):
        return {}
    return {option.key: fraction for option, fraction in zip(options, given, strict=True)}


def _blank(blank: exchange.Blank) -> Blank:
    return Blank(
        tuple(
            Accepted(one.text, one.fraction)
            if isinstance(one, exchange.Accepted)
            else Number(one.value, one.tolerance, one.fraction)
            for one in blank.answers
        ),
        blank.case_sensitive,
    )


def _matching(content: ExchangeItem) -> Asked:
    answers = tuple(dict.fromkeys(pair.answer for pair in content.pairs))
    options = tuple(Option(str(number), text) for number, text in enumerate(answers, start=1))
    keys = {option.text: option.key for option in options}
    asked_for = [pair for pair in content.pairs if pair.prompt]
    return Asked(
        tuple(sorted(options, key=lambda option: option.text)),  # the author's order would be the key
        tuple(pair.prompt for pair in asked_for),
        len(asked_for),
        Matches(tuple(keys[pair.answer] for pair in asked_for)),
    )
