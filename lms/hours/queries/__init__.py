"""Reads the ledger, its rules and the years of people."""

from lms.hours.queries.ledger import Entry, doubles, entries_of, hours_of_courses, reversed_rounds
from lms.hours.queries.rules import RuleVersion, newest_rule
from lms.hours.queries.years import CENTRALIZED_YEAR, Year, year_of, years_with_entries

__all__ = [
    "CENTRALIZED_YEAR",
    "Entry",
    "RuleVersion",
    "Year",
    "doubles",
    "entries_of",
    "hours_of_courses",
    "newest_rule",
    "reversed_rounds",
    "year_of",
    "years_with_entries",
]
