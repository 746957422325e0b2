"""Notes that a list of people left the platform."""

from collections.abc import Sequence
from datetime import datetime

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.service import disclosures
from lms.infra.db import unit_of_work

FIELDS = ("name", "sex", "unit", "post", "category", "employment", "appointed_on", "username", "identity", "account")
"""What a list tells, by the names of the field register."""


def note(
    people: Sequence[queries.Listed], reach: Sequence[str], *, receiver: str, purpose: str, by: Staff, now: datetime
) -> None:
    """Keeps who received how many people of which subtrees, and what for; one record for each subtree. Raises Invalid."""
    with unit_of_work():
        for path in reach:
            persons = sum(one.unit_path.startswith(path) for one in people)
            disclosures.record(receiver, purpose, FIELDS, persons, path, by.person_id, now)
