"""Reads the ledger, its rules, targets, corrections and disputes, and the years of people."""

from lms.hours.queries.closing import offers
from lms.hours.queries.corrections import (
    Correction,
    correction,
    corrections_of_entry,
    standing_of_day,
    waiting_correction,
    waiting_corrections,
)
from lms.hours.queries.daycap import Waiting, due, put_off_until, waiting
from lms.hours.queries.disputes import (
    Dispute,
    Word,
    dispute,
    disputes_to_answer,
    entry_disputed,
    own_dispute,
    own_disputes,
    waiting_disputes,
    who_answered,
    words_about,
)
from lms.hours.queries.ledger import (
    Entry,
    doubles,
    entries_of,
    hours_of_courses,
    own_entry,
    owner_within,
    reversed_rounds,
)
from lms.hours.queries.proving import recomputed
from lms.hours.queries.records import (
    AT_A_TIME,
    broken_records,
    joined_since,
    lines_of,
    newest_records,
    subjects,
    touched_since,
    without_record,
)
from lms.hours.queries.rules import RuleVersion, newest_rule
from lms.hours.queries.targets import cadre, cadres, target_sets
from lms.hours.queries.why import Grounds, grounds
from lms.hours.queries.years import Overview, Year, entries_of_year, overview, year_of

__all__ = [
    "AT_A_TIME",
    "Correction",
    "Dispute",
    "Entry",
    "Grounds",
    "Overview",
    "RuleVersion",
    "Waiting",
    "Word",
    "Year",
    "broken_records",
    "cadre",
    "cadres",
    "correction",
    "corrections_of_entry",
    "dispute",
    "disputes_to_answer",
    "doubles",
    "due",
    "entries_of",
    "entries_of_year",
    "entry_disputed",
    "grounds",
    "hours_of_courses",
    "joined_since",
    "lines_of",
    "newest_records",
    "newest_rule",
    "offers",
    "overview",
    "own_dispute",
    "own_disputes",
    "own_entry",
    "owner_within",
    "put_off_until",
    "recomputed",
    "reversed_rounds",
    "standing_of_day",
    "subjects",
    "target_sets",
    "touched_since",
    "waiting",
    "waiting_correction",
    "waiting_corrections",
    "waiting_disputes",
    "who_answered",
    "without_record",
    "words_about",
    "year_of",
]
