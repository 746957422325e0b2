"""Who may have a certificate: five conditions, each shown as met or not (requirement 46, mission fact C6)."""

from dataclasses import dataclass
from enum import StrEnum

ISSUING_PHASES = frozenset({"implement", "summarise"})


class Need(StrEnum):
    """The conditions in the order in which they are shown."""

    ENROLMENT = "enrolment"
    COURSES = "courses"
    EXAM = "exam"
    PHASE = "phase"
    IDENTITY = "identity"


@dataclass(frozen=True)
class LearnerFacts:
    """What is known of one learner in one class: whether they are enrolled, how many courses the class has, which are not completed.

    `identity_confirmed`: the unit or the ID number vouches for who they are, not their own word alone.
    """

    enrolled: bool
    class_phase: str
    required_courses: int
    missing_courses: tuple[str, ...]
    exam_passed: bool
    identity_confirmed: bool


@dataclass(frozen=True)
class Condition:
    """One line of the checklist; `missing` names what is still to do, where that can be named."""

    need: Need
    met: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """All conditions, met or not."""

    conditions: tuple[Condition, ...]

    @property
    def met(self) -> bool:
        """Whether a certificate may be issued."""
        return all(condition.met for condition in self.conditions)

    @property
    def unmet(self) -> tuple[Need, ...]:
        """The needs that are still open, in their order."""
        return tuple(condition.need for condition in self.conditions if not condition.met)


def eligibility(facts: LearnerFacts) -> Checklist:
    """Holds the facts against the five conditions; a class without courses certifies nobody."""
    return Checklist(
        (
            Condition(Need.ENROLMENT, facts.enrolled),
            Condition(Need.COURSES, facts.required_courses > 0 and not facts.missing_courses, facts.missing_courses),
            Condition(Need.EXAM, facts.exam_passed),
            Condition(Need.PHASE, facts.class_phase in ISSUING_PHASES),
            Condition(Need.IDENTITY, facts.identity_confirmed),
        )
    )
