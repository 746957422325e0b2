"""Compares what a person earned in a year with what the year asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Ledger(StrEnum):
    """The two kinds of training, kept apart."""

    SELF_STUDY = "self_study"
    CENTRALIZED = "centralized"


class Entry(Protocol):
    """A line of the ledger; a reversal carries negative hours and the year of what it reverses."""

    @property
    def ledger(self) -> str: ...
    @property
    def hours(self) -> int: ...
    @property
    def count_year(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Target:
    """So many hundredths of an hour a calendar year are asked in one ledger; 0 asks nothing."""

    ledger: Ledger
    required: int


SELF_STUDY_YEAR = Target(Ledger.SELF_STUDY, 5000)
"""Fifty 学时 of online self-study a year, for every cadre (总工发〔2024〕13号)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a person stands, in hundredths of an hour."""

    earned: int
    required: int
    remaining: int
    reached: bool


def summary(entries: Iterable[Entry], year: int, target: Target) -> Summary:
    """The standing in one ledger and year; entries of other ledgers and years are passed over."""
    earned = sum(entry.hours for entry in entries if entry.count_year == year and entry.ledger == target.ledger)
    remaining = max(0, target.required - earned)
    return Summary(earned, target.required, remaining, reached=remaining == 0)
