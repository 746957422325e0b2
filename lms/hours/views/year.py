"""The page of my hours: targets, forecast, months, what would close the gap, and the lines of one year."""

from datetime import date, datetime
from typing import Any

from flask import url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from lms.hours import queries
from lms.hours.api import asked_year
from lms.hours.domain import forecast as forecasting
from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import Demand, Ledger, Span, Summary
from lms.hours.views.asked import asked_id
from lms.hours.views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.web import guards, login, render

PER_PAGE = 50


@bp.get("/me/hours")
@guards.signed_in
def my_hours() -> Response:
    """One year. A fixed number of statements however many lines it has."""
    year, before = asked_year(), asked_id("before")
    who, now = login.current(), clock.now()
    this_year = count_year(now)
    with reading() as session:
        found = queries.overview(session, who.person_id, year)
        entries = queries.entries_of_year(session, who.person_id, year, before=before, limit=PER_PAGE + 1)
        missing = found.self_study.remaining if year == this_year else 0
        offers = queries.offers(session, who.person_id) if missing else ()
        waiting = queries.waiting(session, who.person_id)
    suggested = forecasting.closing(missing, offers)
    listed = entries[:PER_PAGE]
    more = len(entries) > PER_PAGE
    return render.page(
        "hours/my_hours.html",
        found=found,
        demands=[shown(one, stands, now, found.cadre.joined_on) for one, stands in found.demands],
        entries=listed,
        next_url=url_for("hours_learner.my_hours", year=year, before=listed[-1].id) if more else None,
        first=before is None,
        year=year,
        years=sorted({*found.years, this_year, year}, reverse=True),
        months=list(zip(*(found.months[ledger] for ledger in Ledger), strict=True)),
        busiest=max(1, *(sum(pair) for pair in zip(*found.months.values(), strict=True))),
        suggested=suggested,
        brought=forecasting.brought(suggested),
        missing=missing,
        waiting=waiting,
    )


def shown(demand: Demand, stands: Summary, now: datetime, joined_on: date | None) -> dict[str, Any]:
    """One demand in the reader's language, with its forecast while its time runs."""
    today = now.astimezone(SHANGHAI).date()
    running = demand.since <= today < demand.until
    return {
        "name": name_of(demand),
        "ledger": demand.ledger,
        "span": demand.span,
        "stands": stands,
        "reduced": demand.required < demand.full,
        "full": demand.full,
        "forecast": forecasting.forecast(demand, stands, today, counted_from=joined_on) if running else None,
        "over": today >= demand.until,
    }


def name_of(demand: Demand) -> Any:
    """What a demand is called."""
    if demand.span is Span.YEAR:
        return _("网络自学（全年）") if demand.ledger is Ledger.SELF_STUDY else _("集中培训（全年）")
    if demand.span is Span.PERIOD:
        return _("集中培训（%(first)s—%(last)s 年）", first=demand.since.year, last=demand.until.year - 1)
    return _("任职后一年内集中培训（%(since)s 起）", since=demand.since.isoformat())
