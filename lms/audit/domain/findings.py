"""What a verification may find, and its result."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

SHOWN = 20


class Kind(StrEnum):
    """A kind of tampering, or of what looks like it."""

    ALTERED = "altered"  # a row does not fit its HMAC
    UNMARKED = "unmarked"  # an official row without a mark: put in beside the platform, or its mark was deleted
    DELETED = "deleted"  # a mark whose row is gone
    MARKS = "marks"  # the versions of a row's marks leave a gap, or a mark is of no official table
    SEAL = "seal"  # a seal's head does not fit what the seal says
    BATCH = "batch"  # the rows of a seal are not those that were sealed
    MISSING_SEAL = "missing_seal"
    CHAIN = "chain"  # a seal does not follow the one before it
    TIME = "time"  # a seal was made before the one before it, or in the future
    CUT = "cut"  # the log outside the database knows seals that the database lacks
    LOG = "log"  # the log outside says otherwise, or lacks a head
    LEDGER = "ledger"  # hours are not what completions, rules and corrections make them
    CONTENT = "content"  # what learners see is not what was approved


@dataclass(frozen=True)
class Finding:
    """One fault and the row it is in; `detail` says in English what is wrong, for operators."""

    kind: Kind
    source: str
    row: str
    detail: str


@dataclass
class Report:
    """Everything a verification saw; sound when `counts` is empty."""

    checked: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    last_seal: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.counts

    def add(self, findings: Iterable[Finding]) -> None:
        """Takes findings in; the first of all stays the first, and SHOWN are kept."""
        for finding in findings:
            self.counts[finding.kind.value] += 1
            if len(self.findings) < SHOWN:
                self.findings.append(finding)

    def as_data(self) -> dict[str, object]:
        """The form for programs."""
        shown = [asdict(finding) for finding in self.findings]
        return {
            "ok": self.ok,
            "first": shown[0] if shown else None,
            "counts": dict(self.counts),
            "checked": dict(self.checked),
            "last_seal": self.last_seal,
            "findings": shown,
            "notes": self.notes,
            "seconds": round(self.seconds, 2),
        }
