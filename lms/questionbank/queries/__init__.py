"""Reads banks, items and files that wait. Whoever sends items to a browser decides what of them may leave."""

from lms.questionbank.queries.banks import Bank, ItemLine, bank, banks, item_lines
from lms.questionbank.queries.imports import WaitingFile, waiting_file
from lms.questionbank.queries.items import (
    BankCount,
    BankItem,
    ItemVersion,
    PoolItem,
    bank_items,
    counts,
    drawable_items,
    has_bank,
    imported_drafts,
    item_versions,
    items_of_revision,
    practice_choice,
)

__all__ = [
    "Bank",
    "BankCount",
    "BankItem",
    "ItemLine",
    "ItemVersion",
    "PoolItem",
    "WaitingFile",
    "bank",
    "bank_items",
    "banks",
    "counts",
    "drawable_items",
    "has_bank",
    "imported_drafts",
    "item_lines",
    "item_versions",
    "items_of_revision",
    "practice_choice",
    "waiting_file",
]
