"""Pages of staff about exams: setting one up, watching it while it is under way, marking, and what comes of its results."""

from lms.exams.staff_views import (
    blueprint_items,
    board,
    marking,
    regrade,
    requests,
    results,
    rules,
    rules_drafts,
    sittings,
)
from lms.exams.staff_views.blueprint import bp

__all__ = [
    "blueprint_items",
    "board",
    "bp",
    "marking",
    "regrade",
    "requests",
    "results",
    "rules",
    "rules_drafts",
    "sittings",
]
