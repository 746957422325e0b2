"""Stores the items of revisions and the drafts that come from files, and writes banks out again."""

from lms.questionbank.service.drafts import ItemsRefused, Stored, store_drafts
from lms.questionbank.service.files import MAX_BYTES, WRITTEN, FileReading, read_file, template, write_file
from lms.questionbank.service.imports import AlreadyStored, NothingToStore, read_upload, store_upload
from lms.questionbank.service.listing import MOST_EXPORTED, each_code_once, export_bank
from lms.questionbank.service.revisions import ensure_bank, publish, read_items, replace_items, withdraw

__all__ = [
    "MAX_BYTES",
    "MOST_EXPORTED",
    "WRITTEN",
    "AlreadyStored",
    "FileReading",
    "ItemsRefused",
    "NothingToStore",
    "Stored",
    "each_code_once",
    "ensure_bank",
    "export_bank",
    "publish",
    "read_file",
    "read_items",
    "read_upload",
    "replace_items",
    "store_drafts",
    "store_upload",
    "template",
    "withdraw",
    "write_file",
]
