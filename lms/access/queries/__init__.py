"""Reads who is acting, and which roles are given to whom."""

from lms.access.queries.grants import (
    GrantEntry,
    GrantFilter,
    Ground,
    count_in_state,
    grant_entry,
    grants_of_person,
    grants_within,
    held_between,
    held_by_anyone,
    holder_of,
    last_of,
    lasting_within,
    lock_givers,
    open_grant,
    username_of,
)
from lms.access.queries.pairing import JointHelp, chiefs, joint_help, joint_helps, seats_of
from lms.access.queries.principals import given_until, givers, held_or_coming, principal_of_person, principal_of_session

__all__ = [
    "GrantEntry",
    "GrantFilter",
    "Ground",
    "JointHelp",
    "chiefs",
    "count_in_state",
    "given_until",
    "givers",
    "grant_entry",
    "grants_of_person",
    "grants_within",
    "held_between",
    "held_by_anyone",
    "held_or_coming",
    "holder_of",
    "joint_help",
    "joint_helps",
    "last_of",
    "lasting_within",
    "lock_givers",
    "open_grant",
    "principal_of_person",
    "principal_of_session",
    "seats_of",
    "username_of",
]
