"""How a training that a unit enters goes on: a table of states and acts, and who decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lms.kernel.errors import N_
from lms.kernel.scope import covers
from lms.kernel.verdict import Allowed, Denied, Verdict


class State(StrEnum):
    """Where a training stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    DECLINED = "declined"
    RETRACTED = "retracted"


class Act(StrEnum):
    """What is done to a training."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETRACT = "retract"
    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"


NEXT: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.EDIT): State.DRAFT,
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Act.RETRACT): State.RETRACTED,
    (State.RETURNED, Act.EDIT): State.RETURNED,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.RETRACT): State.RETRACTED,
    (State.SUBMITTED, Act.RETRACT): State.RETRACTED,
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.DECLINE): State.DECLINED,
}
"""Whatever is not listed is refused; approved, declined and retracted are ends."""
DECISIONS = frozenset({Act.APPROVE, Act.RETURN, Act.DECLINE})
OPEN = frozenset({State.DRAFT, State.RETURNED})
"""States in which people, facts and proof may still change."""
STATE_NAMES = {
    State.DRAFT: N_("草稿"),
    State.SUBMITTED: N_("等待审批"),
    State.APPROVED: N_("已通过"),
    State.RETURNED: N_("退回修改"),
    State.DECLINED: N_("不予通过"),
    State.RETRACTED: N_("已撤回"),
}


def after(state: State, act: Act) -> State | None:
    """The state that an act leads to, None when it is not possible now."""
    return NEXT.get((state, act))


@dataclass(frozen=True)
class Case:
    """What a decision rests on: the unit's path, who had a hand in what is decided, and whose hours are at stake."""

    unit_path: str
    hands: frozenset[UUID]
    trainees: frozenset[UUID]


def may_decide(case: Case, actor_id: UUID, scopes: Iterable[str]) -> Verdict:
    """Whether somebody with the power to approve over `scopes` decides this training.

    Denied("level"): no scope reaches the level above the unit (over the nation itself, which has none above, its own level
    counts). Denied("entered"): they entered or changed it, or handed it in. Denied("own"): their own hours are among it.
    """
    if not any(covers(scope, level_above(case.unit_path)) for scope in scopes):
        return Denied("level")
    if actor_id in case.hands:
        return Denied("entered")
    if actor_id in case.trainees:
        return Denied("own")
    return Allowed()


def level_above(path: str) -> str:
    """The path of the unit above; the nation's is its own."""
    parts = path.strip("/").split("/")
    return path if len(parts) == 1 else f"/{'/'.join(parts[:-1])}/"
