"""How a learner stands with one item, and when it leaves their book of wrong answers."""

from dataclasses import dataclass

LEAVES_AFTER = 2
"""Right answers in a row, after which an item needs no more practice."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How often an item was answered rightly and wrongly, and rightly since the last mistake; whether it is in the book."""

    right: int = 0
    wrong: int = 0
    right_in_row: int = 0
    in_book: bool = False


def after(standing: Standing, *, right: bool) -> Standing:
    """The standing after one more answer: a mistake puts the item into the book, the second right answer in a row takes it out."""
    if not right:
        return Standing(standing.right, standing.wrong + 1, 0, in_book=True)
    row = standing.right_in_row + 1
    return Standing(standing.right + 1, standing.wrong, row, in_book=standing.in_book and row < LEAVES_AFTER)
