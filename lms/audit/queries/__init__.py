"""Reads the record: entries by filter, the state of the chain, and what deserves an alarm."""

from lms.audit.queries.alarms import Alarm, alarms
from lms.audit.queries.chain import ChainState, chain_state
from lms.audit.queries.entries import (
    Entry,
    Filters,
    Page,
    actions,
    entries_newest_first,
    entry,
    happened,
    page,
    who_did,
)
from lms.audit.queries.rights import changeable_tables

__all__ = [
    "Alarm",
    "ChainState",
    "Entry",
    "Filters",
    "Page",
    "actions",
    "alarms",
    "chain_state",
    "changeable_tables",
    "entries_newest_first",
    "entry",
    "happened",
    "page",
    "who_did",
]
