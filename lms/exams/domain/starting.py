"""Whether a person may begin an attempt now, from the facts of one reading."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lms.exams.domain.terms import Rules
from lms.exams.domain.window import Window


class StartVerdict(StrEnum):
    """What becomes of a press on "begin"."""

    BEGIN = "begin"
    GO_ON = "go_on"
    NOT_OF_THE_CLASS = "not_of_the_class"
    NOT_OPEN = "not_open"
    COURSES_MISSING = "courses_missing"
    USED_UP = "used_up"
    TOO_SOON = "too_soon"


@dataclass(frozen=True, slots=True)
class StartFacts:
    """A person before an exam; counts are over the person's joined accounts.

    `enrolled`: None when the person has no place in the class, else whether it is one to be examined in. `begun` counts all
    attempts, `used` those that are not voided, `further` those that a make-up sitting grants; `sitting_until`: when such a
    sitting with a time of its own ends, if it is now. `last_ended_at` is when the latest attempt was handed in,
    `exam_percent` how much of the usual time the person is granted.
    """

    class_id: UUID
    open: bool
    rules_version: int
    window: Window
    enrolled: bool | None
    begun: int
    used: int
    further: int
    sitting_until: datetime | None
    open_attempt_id: UUID | None
    last_ended_at: datetime | None
    missing: int
    exam_percent: int = 100


def extra_minutes(minutes: int, exam_percent: int) -> int:
    """The minutes that so many per cent of the usual time add to an exam; a part of a minute counts as a whole one."""
    return -(-minutes * (exam_percent - 100) // 100)


def in_window(facts: StartFacts, rules: Rules, *, now: datetime) -> bool:
    """Whether the exam takes starts now, make-up sittings aside."""
    return facts.window.may_begin(now) and rules.terms.may_begin(now)


def deadline(facts: StartFacts, rules: Rules, *, now: datetime) -> datetime:
    """When an attempt that begins now must be handed in: by the exam's window, outside of it by that of the person's sitting."""
    until = None if in_window(facts, rules, now=now) else facts.sitting_until
    return rules.deadline(now, extra_minutes=granted_minutes(facts, rules), sitting_until=until)


def granted_minutes(facts: StartFacts, rules: Rules) -> int:
    """The minutes that the person's accommodation adds."""
    return extra_minutes(rules.blueprint.minutes, facts.exam_percent)


def may_start(facts: StartFacts, rules: Rules, *, now: datetime) -> StartVerdict:
    """The verdict; the first thing that hinders is named, in the order in which a person could mend it."""
    if facts.open_attempt_id is not None:
        return StartVerdict.GO_ON
    if facts.enrolled is None:
        return StartVerdict.NOT_OF_THE_CLASS
    in_sitting = facts.sitting_until is not None
    if not (facts.open and facts.enrolled and (in_window(facts, rules, now=now) or in_sitting)):
        return StartVerdict.NOT_OPEN
    if facts.missing:
        return StartVerdict.COURSES_MISSING
    if facts.used >= rules.blueprint.max_attempts + facts.further:
        return StartVerdict.USED_UP
    if not in_sitting and facts.last_ended_at is not None and now < facts.last_ended_at + rules.terms.wait:
        return StartVerdict.TOO_SOON
    return StartVerdict.BEGIN
