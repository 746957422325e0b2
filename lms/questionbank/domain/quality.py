"""Would a teacher sign this bank? The rules of the craft over one bank and over all banks, as measures and findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lms.questionbank.domain.citations import LawCitation
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.leaks import leaks
from lms.questionbank.domain.similarity import near_duplicates
from lms.questionbank.domain.sourceindex import SourceIndex
from lms.questionbank.domain.spread import Measure, counts, measures
from lms.questionbank.domain.thresholds import THRESHOLDS, Thresholds
from lms.questionbank.domain.wording import faults


@dataclass(frozen=True)
class Finding:
    """A rule that the item with this reference breaks."""

    ref: str
    message: str


@dataclass(frozen=True)
class Report:
    """The numbers of a bank (or of all) and the items that break a rule."""

    measures: tuple[Measure, ...]
    findings: tuple[Finding, ...]

    @property
    def kept(self) -> bool:
        """Whether every measure and every item keeps the rules."""
        return not self.findings and all(measure.kept for measure in self.measures)


def assess(code: str, items: Sequence[Item], index: SourceIndex, limits: Thresholds = THRESHOLDS) -> Report:
    """The report of the bank whose references begin with `code`."""
    findings = [*_of_each(code, items, index, limits), *_leaks(items, limits)]
    return Report((*counts(items, limits), *measures(items, limits)), tuple(findings))


def assess_practice(
    code: str, practice: Sequence[Item], items: Sequence[Item], index: SourceIndex, limits: Thresholds = THRESHOLDS
) -> Report:
    """The report of a course's items for practice, beside `items`, those of its exam: neither may tell the other's answers."""
    fewest = limits.min_practice
    count = Measure("练习题", str(len(practice)), f"至少 {fewest}", len(practice) >= fewest)
    findings = list(_of_each(code, practice, index, limits))
    used = {item.ref for item in items}
    findings += [Finding(item.ref, "编号与考试题重复") for item in practice if item.ref in used]
    known = set(_leaks(items, limits))
    findings += [one for one in _leaks([*items, *practice], limits) if one not in known]
    return Report((count,), tuple(findings))


def spread_of_practice(practice: Sequence[Item], limits: Thresholds = THRESHOLDS) -> Report:
    """The report over the items for practice of all courses: a few of each course say nothing of chance."""
    return Report(measures(practice, limits), ())


def assess_all(
    banks: Sequence[Sequence[Item]], practice: Sequence[Item] = (), limits: Thresholds = THRESHOLDS
) -> Report:
    """The report over all exam banks together: their spread, and the near-duplicates within and across them and `practice`."""
    asked = [item for bank in banks for item in bank]
    items = [*asked, *practice]
    findings = [
        Finding(items[pair.second].ref, f"与 {items[pair.first].ref} 近乎重复（相似度 {pair.likeness:.2f}）")
        for pair in near_duplicates(items, limits.near_duplicate)
    ]
    return Report(measures(asked, limits), tuple(findings))


def _of_each(code: str, items: Sequence[Item], index: SourceIndex, limits: Thresholds) -> Iterator[Finding]:
    for item in items:
        if not item.ref.startswith(f"{code}-"):
            yield Finding(item.ref, f"编号应以 {code}- 开头")
        for fault in (*faults(item, limits), *citation_faults(item, index)):
            yield Finding(item.ref, fault)


def _leaks(items: Sequence[Item], limits: Thresholds) -> Iterator[Finding]:
    for telling, answered in leaks(items, limits.leak_length):
        yield Finding(items[telling].ref, f"题干说出了 {items[answered].ref} 的答案")


def citation_faults(item: Item, index: SourceIndex) -> tuple[str, ...]:
    """What is wrong with the provisions that the item cites."""
    found = [index.fault(source) for source in item.sources if isinstance(source, LawCitation)]
    return tuple(fault for fault in found if fault is not None)
