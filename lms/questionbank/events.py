"""What question banks ask the subjects above them, which draw and score their items."""

from dataclasses import dataclass

from blinker import signal

from lms.questionbank.domain.itemstatistics import ItemStatistics

usage_asked = signal("item_usage_asked")
"""Sent as usage_asked.send(None, session=…, version_ids=(…)); each receiver returns a Usage by version that it knows of."""
keys_opening = signal("item_keys_opening")
"""Sent as keys_opening.send(None, session=…, bank_code=…, person_id=…, at=…) before a person of staff is let in to a bank's items;
a receiver raises when they may not see its keys."""

banks_closing = signal("item_banks_closing")
"""Sent as banks_closing.send(None, session=…, person_id=…, at=…); each receiver returns the codes of the banks for which
`keys_opening` would be refused."""


@dataclass(frozen=True)
class Usage:
    """How many papers hold a version, and how it did in those that are scored."""

    papers: int
    statistics: ItemStatistics
