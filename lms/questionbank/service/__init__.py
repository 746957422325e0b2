"""Stores the items of revisions and the drafts that come from files, and writes banks out again."""

from lms.questionbank.service.drafts import ItemsRefused, Stored, store_drafts
from lms.questionbank.service.files import MAX_BYTES, WRITTEN, FileReading, read_file, template, write_file
from lms.questionbank.service.revisions import ensure_bank, publish, read_items, replace_items, withdraw

__all__ = [
    "MAX_BYTES",
    "WRITTEN",
    "FileReading",
    "ItemsRefused",
    "Stored",
    "ensure_bank",
    "publish",
    "read_file",
    "read_items",
    "replace_items",
    "store_drafts",
    "template",
    "withdraw",
    "write_file",
]
