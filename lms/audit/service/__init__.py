"""The verbs of the record: telling an act, marking official rows, sealing both, and proving them."""

from lms.audit.service import following  # noqa: F401  # listens to sessions
from lms.audit.service.adopting import AlreadySealed, adopt, adopt_tables
from lms.audit.service.marks import (
    add_marked,
    mark_again,
    mark_changed,
    newest_mark,
    register_source,
    sources,
    store,
)
from lms.audit.service.recording import entry_mac, record
from lms.audit.service.refusals import note_refusal
from lms.audit.service.sealing import head_mac, rewrite_log, seal, seal_all
from lms.audit.service.verifying import register_check, verify, verify_and_record

__all__ = [
    "AlreadySealed",
    "add_marked",
    "adopt",
    "adopt_tables",
    "entry_mac",
    "head_mac",
    "mark_again",
    "mark_changed",
    "newest_mark",
    "note_refusal",
    "record",
    "register_check",
    "register_source",
    "rewrite_log",
    "seal",
    "seal_all",
    "sources",
    "store",
    "verify",
    "verify_and_record",
]
