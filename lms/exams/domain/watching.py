"""What invigilators see of an attempt while it is open, and how more time is given to it: asked by one person, confirmed by another.

What a page tells (leaving it, pasting, a lost line) is shown to people and weighs nothing in any score.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lms.exams.domain.attempts import State

SILENT_AFTER = timedelta(seconds=60)
"""A page gives a sign of life every ten seconds: six of them are missing."""
MINUTES = (5, 10, 15, 30)
"""How much time one act may add."""
LAPSES_AFTER = timedelta(minutes=15)
"""What nobody confirms for so long is not what the room needs any more."""
MOST_EVENTS = 500
"""An attempt keeps no more events: a page that tells more is broken, or wants to fill the disk."""


class Kind(StrEnum):
    """What is told of an open attempt. The first three come from the page, the others are noticed by the server."""

    AWAY = "away"
    PASTE = "paste"
    RECONNECT = "reconnect"
    NETWORK = "network"
    REOPENED = "reopened"


TOLD_BY_PAGES = frozenset({Kind.AWAY, Kind.PASTE, Kind.RECONNECT})


class Seat(StrEnum):
    """What a candidate with an attempt is doing."""

    ANSWERING = "answering"
    SILENT = "silent"
    HANDED_IN = "handed_in"
    VOIDED = "voided"


def seat(state: State, sign_at: datetime, now: datetime) -> Seat:
    """The place of an attempt on the board; `sign_at` is when its page was last heard of."""
    if state is State.VOIDED:
        return Seat.VOIDED
    if state is not State.OPEN:
        return Seat.HANDED_IN
    return Seat.SILENT if now - sign_at > SILENT_AFTER else Seat.ANSWERING


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of an attempt's page before its newest sign of life: its epoch and its network's mark."""

    epoch: int
    network: str


def noticed(before: Before | None, *, epoch: int, network: str) -> tuple[Kind, ...]:
    """What the server itself notices at a sign of life: another page of the attempt, another network. Nothing at the first sign."""
    if before is None:
        return ()
    found = []
    if epoch != before.epoch:
        found.append(Kind.REOPENED)
    if network != before.network:
        found.append(Kind.NETWORK)
    return tuple(found)


class RequestState(StrEnum):
    """The life of a request for more time: asked, then declined, or confirmed and carried out."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    DECLINED = "declined"


class Verdict(StrEnum):
    """Whether somebody may decide on a request for more time."""

    MAY = "may"
    OWN = "own"
    DECIDED = "decided"
    LAPSED = "lapsed"


def may_decide(state: RequestState, asked_by: UUID, asked_at: datetime, *, by: UUID, now: datetime) -> Verdict:
    """Two persons are needed, and in time: nobody confirms what they asked for themselves, and nothing is decided twice."""
    if state is not RequestState.ASKED:
        return Verdict.DECIDED
    if by == asked_by:
        return Verdict.OWN
    return Verdict.LAPSED if now - asked_at > LAPSES_AFTER else Verdict.MAY
