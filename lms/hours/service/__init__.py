"""Writes rules and ledger entries; both are append-only."""

from lms.hours.service.correcting import AlreadyReversed, StillCounts, recredit, reverse, reverse_doubles
from lms.hours.service.crediting import COURSE, credit_course
from lms.hours.service.fixing import NoRule, fix_rule
from lms.hours.service.outside import Claim, credit_claims

__all__ = [
    "COURSE",
    "AlreadyReversed",
    "Claim",
    "NoRule",
    "StillCounts",
    "credit_claims",
    "credit_course",
    "fix_rule",
    "recredit",
    "reverse",
    "reverse_doubles",
]
