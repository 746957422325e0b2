"""The page of my hours."""

from flask import Blueprint
from flask.wrappers import Response

from lms.hours import queries
from lms.hours.api import asked_year
from lms.hours.domain.rules import count_year
from lms.infra.db import reading
from lms.kernel import clock
from lms.web import guards, login, render

bp = Blueprint("hours_learner", __name__)


@bp.get("/me/hours")
@guards.signed_in
def my_hours() -> Response:
    """Ring, months and lines of one year."""
    year = asked_year()
    who = login.current()
    with reading() as session:
        found = queries.year_of(session, who.person_id, year)
        years = queries.years_with_entries(session, who.person_id)
    this_year = count_year(clock.now())
    months = found.months
    return render.page(
        "hours/my_hours.html",
        found=found,
        year=year,
        years=sorted({*years, this_year, year}, reverse=True),
        months=months,
        busiest=max(*months, 1),
    )
