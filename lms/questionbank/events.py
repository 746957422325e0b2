"""What question banks ask the subjects above them, which draw and score their items."""

from dataclasses import dataclass

from blinker import signal

from lms.questionbank.domain.itemstatistics import ItemStatistics

usage_asked = signal("item_usage_asked")
"""Sent as usage_asked.send(None, session=…, version_ids=(…)); each receiver returns a Usage by version that it knows of."""


@dataclass(frozen=True)
class Usage:
    """How many papers hold a version, and how it did in those that are scored."""

    papers: int
    statistics: ItemStatistics
