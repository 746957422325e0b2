"""Turns the length of media into 学时, as integer hundredths of an hour, by a versioned rule: fixed, in steps, or by minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

_MS_PER_MINUTE = 60_000


class RuleKind(StrEnum):
    """The shapes that a rule may have."""

    FIXED = "fixed"
    STEP = "step"
    PER_MINUTES = "per_minutes"


@dataclass(frozen=True, slots=True)
class Step:
    """Media of at least `from_ms` milliseconds are worth `hours` hundredths (until the next step begins)."""

    from_ms: int
    hours: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a programme's rule; a changed rule is a new version, and entries keep the one they were earned by.

    fixed: `hours` hundredths, set by the reviewers. step: the last of `steps` that the length reaches.
    per_minutes: `hours` hundredths for every `minutes`, in proportion, rounded down to a multiple of `unit` hundredths.
    """

    kind: RuleKind
    version: int
    hours: int = 0
    steps: tuple[Step, ...] = ()
    minutes: int = 0
    unit: int = 1

    def __post_init__(self) -> None:
        if fault := _fault(self):
            raise ValueError(f"{fault}: {self}")


def hours_for(duration_ms: int, rule: Rule) -> int:
    """What media of `duration_ms` are worth, in hundredths; without length they are worth nothing unless the rule is fixed."""
    if rule.kind is RuleKind.FIXED:
        return rule.hours
    if duration_ms <= 0:
        return 0
    if rule.kind is RuleKind.STEP:
        return max((step for step in rule.steps if step.from_ms <= duration_ms), key=_from_ms, default=Step(0, 0)).hours
    return duration_ms * rule.hours // (rule.minutes * _MS_PER_MINUTE) // rule.unit * rule.unit


def hours_text(hundredths: int) -> str:
    """Hundredths of a 学时 without idle zeros: 3200 → 32, 3250 → 32.5, -50 → -0.5."""
    whole, rest = divmod(abs(hundredths), 100)
    text = f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
    return f"-{text}" if hundredths < 0 else text


def to_data(rule: Rule) -> dict[str, Any]:
    """The parameters of a rule as they are stored beside its kind."""
    if rule.kind is RuleKind.STEP:
        return {"steps": [{"from_ms": step.from_ms, "hours": step.hours} for step in rule.steps]}
    if rule.kind is RuleKind.PER_MINUTES:
        return {"hours": rule.hours, "minutes": rule.minutes, "unit": rule.unit}
    return {"hours": rule.hours}


def from_data(kind: str, version: int, parameters: Mapping[str, Any]) -> Rule:
    """A stored rule. Raises ValueError for one that can't be."""
    steps = tuple(Step(step["from_ms"], step["hours"]) for step in parameters.get("steps", ()))
    return Rule(RuleKind(kind), version, **{**parameters, "steps": steps})


def _from_ms(step: Step) -> int:
    return step.from_ms


def _fault(rule: Rule) -> str | None:
    if rule.version < 1:
        return "versions count from 1"
    if rule.kind is RuleKind.STEP:
        rising = all(low.from_ms < high.from_ms for low, high in pairwise(rule.steps))
        sound = rule.steps and rising and all(step.from_ms >= 0 and step.hours >= 0 for step in rule.steps)
        return None if sound else "a step rule has rising steps"
    if rule.kind is RuleKind.PER_MINUTES and min(rule.minutes, rule.unit) < 1:
        return "a per-minutes rule has positive minutes and unit"
    return None if rule.hours > 0 else "hours must be positive"
