"""Answers "may this person do this to that?", gives roles and ends them; the rules themselves are in domain/."""

from lms.access.service.answers import could, could_issue, may, outranks, scopes_for
from lms.access.service.granting import (
    AlreadyHeld,
    LastAdministrator,
    MayNotGive,
    NewGrant,
    RolesExclude,
    appoint,
    end,
    follow_closing,
    follow_merger,
    follow_move,
    grant,
    refuse_to_lose,
)
from lms.access.service.pairing import (
    TwoAreThere,
    ask,
    break_glass,
    confirm,
    could_give_all,
    offers,
    refuse,
)

__all__ = [
    "AlreadyHeld",
    "LastAdministrator",
    "MayNotGive",
    "NewGrant",
    "RolesExclude",
    "TwoAreThere",
    "appoint",
    "ask",
    "break_glass",
    "confirm",
    "could",
    "could_give_all",
    "could_issue",
    "end",
    "follow_closing",
    "follow_merger",
    "follow_move",
    "grant",
    "may",
    "offers",
    "outranks",
    "refuse",
    "refuse_to_lose",
    "scopes_for",
]
