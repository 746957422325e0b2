"""The life of an attempt: its states, its deadline on the server's clock, and which save of an answer counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from lms.kernel.errors import N_, Conflict

GRACE = timedelta(seconds=3)
"""How long after the deadline a save that was under way is still taken; hand-in by the clock waits for it."""


class State(StrEnum):
    """The states of an attempt."""

    OPEN = "open"
    SUBMITTED = "submitted"
    GRADED = "graded"
    VOIDED = "voided"


class Action(StrEnum):
    """What moves an attempt on."""

    SUBMIT = "submit"
    GRADE = "grade"
    VOID = "void"


TRANSITIONS = {
    (State.OPEN, Action.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Action.GRADE): State.GRADED,
    (State.OPEN, Action.VOID): State.VOIDED,
    (State.SUBMITTED, Action.VOID): State.VOIDED,
    (State.GRADED, Action.VOID): State.VOIDED,
}
"""All that may happen; any other pair is refused."""


class AttemptRefused(Conflict):
    """The attempt is not in a state that allows the action."""

    code, title = "attempt_refused", N_("当前答卷状态不允许此操作")

    def __init__(self, state: State, action: Action) -> None:
        super().__init__(extra={"state": state.value, "action": action.value})
        self.state = state
        self.action = action


def advance(state: State, action: Action) -> State:
    """The state after the action. Raises AttemptRefused."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise AttemptRefused(state, action) from None


def deadline(started_at: datetime, minutes: int, *, extra_minutes: int = 0) -> datetime:
    """The end of an attempt: the full time from its start and what an allowance adds; an exam's window limits starts only."""
    return started_at + timedelta(minutes=minutes + extra_minutes)


def in_time(received_at: datetime, deadline: datetime, grace: timedelta = GRACE) -> bool:
    """Whether a save received then still counts; once it no longer does, the clock hands the attempt in."""
    return received_at <= deadline + grace


class SaveKey(NamedTuple):
    """Orders the saves of one answer: by page (each opening of the attempt raises `epoch`), then by the page's own count."""

    epoch: int
    client_seq: int


class AnswerEvent(NamedTuple):
    """One save of the answer at a position, as it was stored."""

    key: SaveKey
    value: tuple[str, ...]


class SaveVerdict(StrEnum):
    """What becomes of a save. The first three are acknowledged (200), the others are refused (409) under this code."""

    STORED = "stored"
    STORED_BEHIND = "stored_behind"
    REPEATED = "repeated"
    CLOSED = "closed"
    LATE = "late"
    OPENED_ELSEWHERE = "opened_elsewhere"
    UNKNOWN_EPOCH = "unknown_epoch"
    CONFLICT = "conflict"

    @property
    def acknowledged(self) -> bool:
        """Whether the page may drop its own copy of the save."""
        return self in (SaveVerdict.STORED, SaveVerdict.STORED_BEHIND, SaveVerdict.REPEATED)

    @property
    def stores(self) -> bool:
        """Whether a new event is written."""
        return self in (SaveVerdict.STORED, SaveVerdict.STORED_BEHIND)


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """What decides about a save: the attempt's state, the epoch of the page that opened it last, its deadline."""

    state: State
    epoch: int
    deadline: datetime


def accept_save(
    save: AnswerEvent,
    attempt: AttemptFacts,
    *,
    twin: AnswerEvent | None,
    newest: SaveKey | None,
    received_at: datetime,
    grace: timedelta = GRACE,
) -> SaveVerdict:
    """What becomes of a save of one position's answer, received then at the server.

    `twin` is the event already stored under the save's own key, `newest` the highest key stored for the position. A
    repetition is acknowledged whatever has happened since, so that no save is both accepted and refused.
    """
    if twin is not None and twin.value == save.value:
        return SaveVerdict.REPEATED
    if attempt.state is not State.OPEN:
        return SaveVerdict.CLOSED
    if not in_time(received_at, attempt.deadline, grace):
        return SaveVerdict.LATE
    if save.key.epoch != attempt.epoch:
        return SaveVerdict.OPENED_ELSEWHERE if save.key.epoch < attempt.epoch else SaveVerdict.UNKNOWN_EPOCH
    if twin is not None:
        return SaveVerdict.CONFLICT
    return SaveVerdict.STORED_BEHIND if newest is not None and newest > save.key else SaveVerdict.STORED
