"""Answers from the register of personal fields; masking, the purge job, people's own pages and the printed page read it."""

import hashlib
from collections.abc import Iterable

from lms.accounts.domain import masking
from lms.accounts.domain.personalfields import REGISTER, PersonalField

_BY_NAME = {one.name: one for one in REGISTER}


def field(name: str) -> PersonalField:
    """The row of a field. Raises KeyError."""
    return _BY_NAME[name]


def known(names: Iterable[str]) -> bool:
    """Whether the register has a row for each name."""
    return all(name in _BY_NAME for name in names)


def mask(name: str, value: str | None) -> str:
    """A value of a field as staff pages show it; "" for none. Raises KeyError for an unknown field."""
    return masking.MASKS[field(name).mask](value) if value else ""


def digest() -> str:
    """A fingerprint of what the privacy notice promises: kinds, purposes, bases and retentions."""
    told = [(one.name, one.purpose, one.basis, one.retention.since, one.retention.days) for one in REGISTER]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
