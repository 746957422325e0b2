"""The review of a revision as a table: who may move it from which state to which, and who may decide at which level."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from lms.kernel.errors import N_, Conflict
from lms.kernel.verdict import Allowed, Denied, Verdict


class State(StrEnum):
    """The states of a revision."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PROVINCE_REVIEW = "province_review"
    NATIONAL_REVIEW = "national_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETURNED = "returned"
    DECLINED = "declined"
    RETRACTED = "retracted"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Action(StrEnum):
    """What may be done to a revision."""

    SUBMIT = "submit"
    REVISE = "revise"
    RETRACT = "retract"
    PASS_CHECKS = "pass_checks"
    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"
    PUBLISH = "publish"
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"


class Rank(StrEnum):
    """In which capacity somebody acts: as author, reviewer of a level, manager of content, or the platform itself."""

    AUTHOR = "author"
    PROVINCE = "province"
    NATIONAL = "national"
    MANAGER = "manager"
    SYSTEM = "system"


class Level(StrEnum):
    """The two levels of review, first the province's."""

    PROVINCE = "province"
    NATIONAL = "national"


_WITHDRAWERS = frozenset({Rank.PROVINCE, Rank.NATIONAL, Rank.MANAGER})
_KEEPERS = frozenset({Rank.NATIONAL, Rank.MANAGER})


def _only(rank: Rank) -> frozenset[Rank]:
    return frozenset({rank})


TRANSITIONS: Mapping[tuple[State, Action], tuple[State, frozenset[Rank]]] = MappingProxyType(
    {
        (State.DRAFT, Action.SUBMIT): (State.SUBMITTED, _only(Rank.AUTHOR)),
        (State.DRAFT, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.SUBMITTED, Action.PASS_CHECKS): (State.PROVINCE_REVIEW, _only(Rank.SYSTEM)),
        (State.SUBMITTED, Action.RETURN): (State.RETURNED, _only(Rank.SYSTEM)),
        (State.SUBMITTED, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.PROVINCE_REVIEW, Action.APPROVE): (State.NATIONAL_REVIEW, _only(Rank.PROVINCE)),
        (State.PROVINCE_REVIEW, Action.RETURN): (State.RETURNED, _only(Rank.PROVINCE)),
        (State.PROVINCE_REVIEW, Action.DECLINE): (State.DECLINED, _only(Rank.PROVINCE)),
        (State.PROVINCE_REVIEW, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.NATIONAL_REVIEW, Action.APPROVE): (State.APPROVED, _only(Rank.NATIONAL)),
        (State.NATIONAL_REVIEW, Action.RETURN): (State.RETURNED, _only(Rank.NATIONAL)),
        (State.NATIONAL_REVIEW, Action.DECLINE): (State.DECLINED, _only(Rank.NATIONAL)),
        (State.NATIONAL_REVIEW, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.RETURNED, Action.REVISE): (State.DRAFT, _only(Rank.AUTHOR)),
        (State.RETURNED, Action.SUBMIT): (State.SUBMITTED, _only(Rank.AUTHOR)),
        (State.RETURNED, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.APPROVED, Action.PUBLISH): (State.PUBLISHED, frozenset({Rank.SYSTEM, Rank.MANAGER})),
        (State.APPROVED, Action.RETRACT): (State.RETRACTED, _only(Rank.AUTHOR)),
        (State.PUBLISHED, Action.SUPERSEDE): (State.SUPERSEDED, _only(Rank.SYSTEM)),
        (State.PUBLISHED, Action.SUSPEND): (State.SUSPENDED, _WITHDRAWERS),
        (State.PUBLISHED, Action.RETIRE): (State.RETIRED, _KEEPERS),
        (State.SUSPENDED, Action.RESUME): (State.PUBLISHED, _KEEPERS),
        (State.SUSPENDED, Action.SUPERSEDE): (State.SUPERSEDED, _only(Rank.SYSTEM)),
        (State.SUSPENDED, Action.RETIRE): (State.RETIRED, _KEEPERS),
    }
)
"""(state, action) → (next state, the ranks that may). Any other pair, and any other rank, is refused."""


class TransitionRefused(Conflict):
    """The action is not open in this state, or not to this rank."""

    code, title = "transition_refused", N_("当前状态不允许此操作")

    def __init__(self, state: State, action: Action, rank: Rank) -> None:
        super().__init__(extra={"state": state, "action": action, "rank": rank})
        self.state = state
        self.action = action
        self.rank = rank


def advance(state: State, action: Action, *, rank: Rank) -> State:
    """The state after the action. Raises TransitionRefused."""
    following, ranks = TRANSITIONS.get((state, action), (state, frozenset()))
    if rank not in ranks:
        raise TransitionRefused(state, action, rank)
    return following


def may_review(author_id: UUID, deciders: Mapping[Level, UUID], reviewer_id: UUID, level: Level) -> Verdict:
    """Whether a person may decide at a level of one submission; `deciders` are those who decided it so far, by level.

    The author decides at no level, nobody at two levels, no level twice, and the nation only after the province.
    """
    if reviewer_id == author_id:
        return Denied("author_reviews_nothing_of_their_own")
    if level in deciders:
        return Denied("level_already_decided")
    if reviewer_id in deciders.values():
        return Denied("one_level_for_each_person")
    if level is Level.NATIONAL and Level.PROVINCE not in deciders:
        return Denied("province_decides_first")
    return Allowed()
