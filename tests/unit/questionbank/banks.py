"""Items and a whole bank that keeps every rule, from which tests plant one violation at a time."""

import random
from dataclasses import replace

from lms.questionbank.domain.citations import LawCitation
from lms.questionbank.domain.items import TRUE_FALSE_OPTIONS, Item, ItemType, Option
from lms.questionbank.domain.sourceindex import SourceIndex, read_index

RIGHT_OF_MULTIPLE = ["AB", "CD", "ACD", "ABD", "BCD", "ABC", "AC", "BD", "ABCD", "AD", "BC", "ABCD"]

SOURCES = [
    """
    name = "中华人民共和国工会法"
    short_names = ["工会法"]
    version = 2021-12-24
    [articles]
    1 = { governs = "立法目的和依据", items = [0] }
    2 = { governs = "工会的性质和代表职责", items = [0, 3] }
    """,
    """
    [[laws]]
    name = "集体合同规定"
    """,
]


def index() -> SourceIndex:
    """Two articles of a law, and one rule that is known by name alone."""
    return read_index(SOURCES)


def words(chance: random.Random, length: int) -> str:
    """Characters of no meaning, so that no two texts are alike and none holds a word that a rule looks for."""
    return "".join(chr(chance.randrange(0x5800, 0x5F00)) for _ in range(length))


def item(number: int, item_type: ItemType, answer: str, **changes: object) -> Item:
    """A sound item; its reference is C1-<number>."""
    chance = random.Random(number)
    if item_type is ItemType.TRUE_FALSE:
        options, stem = TRUE_FALSE_OPTIONS, words(chance, 20) + "。"
    else:
        options, stem = tuple(Option(key, words(chance, 8)) for key in "ABCD"), words(chance, 20) + "："
    sound = Item(
        ref=f"C1-{number:03d}",
        type=item_type,
        stem=stem,
        options=options,
        answer=tuple(answer),
        explanation="这是第一句。这是第二句。",
        sources=(LawCitation("工会法", 2, paragraph=1),),
        knowledge_point="工会的性质",
        difficulty=number % 3 + 1,
        case=number % 3 == 0,
        void_rule="工会法第二条修订",
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def sound_bank() -> list[Item]:
    """Sixteen single, twelve multiple, twelve true and false."""
    bank = [item(number, ItemType.SINGLE, "ABCD"[number % 4]) for number in range(1, 17)]
    bank += [item(17 + place, ItemType.MULTIPLE, answer) for place, answer in enumerate(RIGHT_OF_MULTIPLE)]
    bank += [item(number, ItemType.TRUE_FALSE, "TF"[number % 2]) for number in range(29, 41)]
    return bank
