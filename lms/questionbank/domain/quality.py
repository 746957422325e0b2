"""Would a teacher sign this bank? The rules of the craft over one bank and over all banks, as measures and findings."""

from collections.abc import Sequence
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
    findings: list[Finding] = []
    for item in items:
        if not item.ref.startswith(f"{code}-"):
            findings.append(Finding(item.ref, f"编号应以 {code}- 开头"))
        findings += [Finding(item.ref, fault) for fault in faults(item, limits)]
        findings += [Finding(item.ref, fault) for fault in citation_faults(item, index)]
    for telling, answered in leaks(items, limits.leak_length):
        findings.append(Finding(items[telling].ref, f"题干说出了 {items[answered].ref} 的答案"))
    return Report((*counts(items, limits), *measures(items, limits)), tuple(findings))


def assess_all(banks: Sequence[Sequence[Item]], limits: Thresholds = THRESHOLDS) -> Report:
    """The report over all banks together: their spread and the near-duplicates within and across them."""
    items = [item for bank in banks for item in bank]
    findings = [
        Finding(items[pair.second].ref, f"与 {items[pair.first].ref} 近乎重复（相似度 {pair.likeness:.2f}）")
        for pair in near_duplicates(items, limits.near_duplicate)
    ]
    return Report(measures(items, limits), tuple(findings))


def citation_faults(item: Item, index: SourceIndex) -> tuple[str, ...]:
    """What is wrong with the provisions that the item cites."""
    found = [index.fault(source) for source in item.sources if isinstance(source, LawCitation)]
    return tuple(fault for fault in found if fault is not None)
