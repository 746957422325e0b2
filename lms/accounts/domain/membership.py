"""When a person may move from one unit to another: history is never rewritten, and plans reach no further than a year."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from lms.kernel.verdict import Allowed, Denied, Verdict

PLANNED_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Held:
    """The primary membership without an end, which a move ends."""

    id: UUID
    unit_id: UUID
    from_on: date


def judge_move(held: Held | None, unit_id: UUID, from_on: date, *, today: date) -> Verdict:
    """Whether a person whose open primary membership is `held` may belong to a unit from a day on.

    Denied with "same_unit", "before_held" (what holds began later than that day) or "too_far".
    """
    if held is not None and held.unit_id == unit_id:
        return Denied("same_unit")
    if held is not None and from_on < held.from_on:
        return Denied("before_held")
    if from_on > today + PLANNED_AHEAD:
        return Denied("too_far")
    return Allowed()


def judge_end(from_on: date, until_on: date | None, end_on: date, *, today: date) -> Verdict:
    """Whether a membership may end on a day. Denied with "ended", "before_begin" or "too_far"."""
    if until_on is not None:
        return Denied("ended")
    if end_on < from_on:
        return Denied("before_begin")
    return Denied("too_far") if end_on > today + PLANNED_AHEAD else Allowed()
