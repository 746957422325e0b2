"""Writes rules, ledger entries, corrections and disputes; the ledger is append-only."""

from lms.hours.service.closing import YearStillOpen, close_year, follow_corrections
from lms.hours.service.correcting import AlreadyReversed, Correction, OwnHours, StillCounts, reverse_doubles
from lms.hours.service.crediting import COURSE, credit_course, credit_deferred
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
    propose_for_day,
    recredit,
    reverse,
    withdraw_correction,
)
from lms.hours.service.proving import prove
from lms.hours.service.targeting import decide_targets

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
    "TooManyDisputes",
    "YearStillOpen",
    "answer_dispute",
    "close_year",
    "confirm",
    "credit_claims",
    "credit_course",
    "credit_deferred",
    "decide_targets",
    "decline",
    "escalate_dispute",
    "file_dispute",
    "fix_rule",
    "follow_corrections",
    "propose",
    "propose_for_day",
    "prove",
    "recredit",
    "reverse",
    "reverse_doubles",
    "withdraw_correction",
    "withdraw_dispute",
]
