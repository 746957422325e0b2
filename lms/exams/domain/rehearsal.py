"""The plan of a mock exam: an exam's own plan, carried over to a pool of items for practice and shortened to what it holds."""

from collections import Counter
from collections.abc import Mapping

from lms.exams.domain.blueprint import Blueprint, ItemType, Section

BY_MACHINE = frozenset(ItemType) - {ItemType.SHORT_ANSWER, ItemType.CASE}
"""Types that are scored at once; a mock exam has nobody who marks."""


def rehearsal(exam: Blueprint, held: Mapping[str, int], bank: str) -> Blueprint | None:
    """A plan over one bank that holds so many items by type; None when it holds none of a type that the exam asks.

    A type keeps its number of items and the points of its first section; where the bank holds fewer, all of them are asked.
    Minutes and pass mark shrink in proportion, rounded up, so that the mock exam is never easier than the exam. What
    the exam keeps in its order stays so here.
    """
    wanted: Counter[str] = Counter()
    worth: dict[str, int] = {}
    for section in exam.sections:
        if section.type in BY_MACHINE:
            wanted[section.type] += section.count
            worth.setdefault(section.type, section.points)
    sections = tuple(
        Section(type, min(count, held.get(type, 0)), worth[type], (bank,))
        for type, count in wanted.items()
        if held.get(type)
    )
    if not sections:
        return None
    questions = sum(section.count for section in sections)
    maximum = sum(section.count * section.points for section in sections)
    return Blueprint(
        sections,
        minutes=_share(exam.minutes, questions, exam.questions),
        pass_mark=_share(exam.pass_mark, maximum, exam.maximum),
        max_attempts=1,
        shuffle_items=exam.shuffle_items,
        shuffle_options=exam.shuffle_options,
    )


def _share(whole: int, part: int, of: int) -> int:
    return -(-whole * part // of)
