"""How a dispute about hours moves: the learner files, staff answer, the learner may ask one level up, that answer is final."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from lms.kernel.errors import N_
from lms.kernel.scope import covers


class State(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    ANSWERED = "answered"
    ESCALATED = "escalated"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does in a dispute."""

    FILED = "filed"
    ANSWERED = "answered"
    ESCALATED = "escalated"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


MOVES: dict[tuple[State, Act], State] = {
    (State.OPEN, Act.ANSWERED): State.ANSWERED,
    (State.OPEN, Act.WITHDRAWN): State.WITHDRAWN,
    (State.ANSWERED, Act.ESCALATED): State.ESCALATED,
    (State.ESCALATED, Act.DECIDED): State.DECIDED,
}
WAITING = frozenset({State.OPEN, State.ESCALATED})
"""States in which staff have to answer."""

STATE_WORDS = {
    State.OPEN: N_("等待答复"),
    State.ANSWERED: N_("已答复"),
    State.ESCALATED: N_("等待上级复核"),
    State.DECIDED: N_("已复核"),
    State.WITHDRAWN: N_("已撤回"),
}
ACT_WORDS = {
    Act.FILED: N_("提出异议"),
    Act.ANSWERED: N_("答复"),
    Act.ESCALATED: N_("申请上级复核"),
    Act.DECIDED: N_("复核意见"),
    Act.WITHDRAWN: N_("撤回"),
}
OUTCOME_WORDS = {"upheld": N_("异议成立"), "declined": N_("异议不成立")}


def advance(state: State, act: Act) -> State | None:
    """The state that an act leads to, None where the act has no place."""
    return MOVES.get((state, act))


def due(waiting_since: datetime, days: int) -> datetime:
    """When an answer is late."""
    return waiting_since + timedelta(days=days)


def nearest(scopes: Iterable[str], path: str) -> str | None:
    """The lowest of the subtrees that reach a unit: the level at which somebody answers. None when none does."""
    return max((scope for scope in scopes if covers(scope, path)), key=len, default=None)


def one_up(path: str) -> str:
    """The path of the unit above; the nation stays where it is."""
    above = path.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else path
