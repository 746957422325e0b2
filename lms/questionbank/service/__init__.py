"""Stores the items of revisions, of files and of the editor, takes the own ones through review, and writes banks out again."""

from lms.questionbank.service.drafts import ItemsRefused, Stored, store_drafts
from lms.questionbank.service.editing import (
    ChangedElsewhere,
    UnderReview,
    add_knowledge_point,
    create,
    save,
    throw_away,
)
from lms.questionbank.service.files import MAX_BYTES, WRITTEN, FileReading, read_file, template, write_file
from lms.questionbank.service.flags import flag, flag_by_source, settle
from lms.questionbank.service.imports import AlreadyStored, NothingToStore, keep_upload, store_upload
from lms.questionbank.service.likeness import Like, alike_to, both_wanted, compare_some
from lms.questionbank.service.listing import export_bank, exported_items
from lms.questionbank.service.reviewing import (
    PERMISSION_OF_LEVEL,
    STATE_OF_LEVEL,
    NotADraft,
    NotHandedIn,
    Seat,
    decide,
    hand_in,
    open_to,
    seat,
    stop,
)
from lms.questionbank.service.revisions import (
    ensure_bank,
    follow_merger,
    name_banks,
    publish,
    read_items,
    replace_items,
    withdraw,
)
from lms.questionbank.service.signals import keep_signals

__all__ = [
    "MAX_BYTES",
    "PERMISSION_OF_LEVEL",
    "STATE_OF_LEVEL",
    "WRITTEN",
    "AlreadyStored",
    "ChangedElsewhere",
    "FileReading",
    "ItemsRefused",
    "Like",
    "NotADraft",
    "NotHandedIn",
    "NothingToStore",
    "Seat",
    "Stored",
    "UnderReview",
    "add_knowledge_point",
    "alike_to",
    "both_wanted",
    "compare_some",
    "create",
    "decide",
    "ensure_bank",
    "export_bank",
    "exported_items",
    "flag",
    "flag_by_source",
    "follow_merger",
    "hand_in",
    "keep_signals",
    "keep_upload",
    "name_banks",
    "open_to",
    "publish",
    "read_file",
    "read_items",
    "replace_items",
    "save",
    "seat",
    "settle",
    "stop",
    "store_drafts",
    "store_upload",
    "template",
    "throw_away",
    "withdraw",
    "write_file",
]
