"""Reads banks, items and files that wait. Whoever sends items to a browser decides what of them may leave."""

from lms.questionbank.queries.banks import Bank, bank, banks
from lms.questionbank.queries.imports import WaitingFile, waiting_file
from lms.questionbank.queries.items import (
    ON_THEIR_WAY,
    BankCount,
    BankItem,
    ItemVersion,
    PoolItem,
    bank_items,
    counts,
    drawable_items,
    has_bank,
    item_versions,
    items_of_revision,
    lineage,
    on_their_way,
    practice_choice,
)
from lms.questionbank.queries.likeness import Twins, twins
from lms.questionbank.queries.listed import SOON, ItemFilter, ItemLine, item_lines, knowledge_points
from lms.questionbank.queries.pictures import picture, with_bytes
from lms.questionbank.queries.versions import (
    Event,
    Flag,
    VersionOfItem,
    Waiting,
    events,
    open_flag,
    version,
    versions,
    waiting,
)

__all__ = [
    "ON_THEIR_WAY",
    "SOON",
    "Bank",
    "BankCount",
    "BankItem",
    "Event",
    "Flag",
    "ItemFilter",
    "ItemLine",
    "ItemVersion",
    "PoolItem",
    "Twins",
    "VersionOfItem",
    "Waiting",
    "WaitingFile",
    "bank",
    "bank_items",
    "banks",
    "counts",
    "drawable_items",
    "events",
    "has_bank",
    "item_lines",
    "item_versions",
    "items_of_revision",
    "knowledge_points",
    "lineage",
    "on_their_way",
    "open_flag",
    "picture",
    "practice_choice",
    "twins",
    "version",
    "versions",
    "waiting",
    "waiting_file",
    "with_bytes",
]
