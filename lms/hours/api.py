"""My hours as JSON."""

from datetime import datetime

import msgspec
from flask import Blueprint, request

from lms.hours import queries
from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import Summary
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.web import guards, login
from lms.web.jsonapi import endpoint

bp = Blueprint("hours_api", __name__)

FIRST_YEAR, LAST_YEAR = 2000, 2999


class SummaryAnswer(msgspec.Struct):
    """Where one ledger stands, in hours."""

    earned: float
    required: float
    remaining: float
    reached: bool


class EntryAnswer(msgspec.Struct):
    """A line of the ledger, in hours; negative when it takes another back."""

    source: str
    title: str
    hours: float
    rule: str
    earned_at: datetime
    ledger: str


class HoursAnswer(msgspec.Struct):
    """My year."""

    year: int
    self_study: SummaryAnswer
    centralized: SummaryAnswer
    entries: list[EntryAnswer]


def asked_year() -> int:
    """The year that the address names, else this year in Shanghai. Raises Invalid."""
    text = request.args.get("year")
    if text is None:
        return count_year(clock.now())
    if not text.isascii() or not text.isdigit() or len(text) != 4 or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Invalid(fields={"year": N_("年份应为四位数字")})
    return int(text)


def _summary(found: Summary) -> SummaryAnswer:
    return SummaryAnswer(found.earned / 100, found.required / 100, found.remaining / 100, found.reached)


@bp.get("/me/hours")
@guards.signed_in
@endpoint(answer=HoursAnswer)
def my_hours() -> HoursAnswer:
    """My hours of a year."""
    year = asked_year()
    with reading() as session:
        found = queries.year_of(session, login.current().person_id, year)
    return HoursAnswer(
        year=year,
        self_study=_summary(found.self_study),
        centralized=_summary(found.centralized),
        entries=[
            EntryAnswer(
                entry.source,
                entry.title,
                entry.hours / 100,
                f"{entry.rule_kind}:v{entry.rule_version}",
                entry.earned_at,
                entry.ledger,
            )
            for entry in found.entries
        ],
    )
