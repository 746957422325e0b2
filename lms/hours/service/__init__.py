"""Writes rules, ledger entries, corrections and disputes; the ledger is append-only."""

from lms.hours.service.correcting import AlreadyReversed, Correction, OwnHours, StillCounts, reverse_doubles
from lms.hours.service.crediting import COURSE, credit_course
from lms.hours.service.disputing import (
    DisputedAlready,
    DisputeMoved,
    SamePerson,
    TooManyDisputes,
    answer_dispute,
    escalate_dispute,
    file_dispute,
    withdraw_dispute,
)
from lms.hours.service.fixing import NoRule, fix_rule
from lms.hours.service.outside import Claim, credit_claims
from lms.hours.service.proposing import (
    CorrectionSettled,
    ProposedAlready,
    SecondPerson,
    confirm,
    decline,
    propose,
    recredit,
    reverse,
    withdraw_correction,
)

__all__ = [
    "COURSE",
    "AlreadyReversed",
    "Claim",
    "Correction",
    "CorrectionSettled",
    "DisputeMoved",
    "DisputedAlready",
    "NoRule",
    "OwnHours",
    "ProposedAlready",
    "SamePerson",
    "SecondPerson",
    "StillCounts",
    "credit_claims",
    "TooManyDisputes",
    "answer_dispute",
    "confirm",
    "credit_course",
    "decline",
    "escalate_dispute",
    "file_dispute",
    "fix_rule",
    "propose",
    "recredit",
    "reverse",
    "reverse_doubles",
    "withdraw_correction",
    "withdraw_dispute",
]
