"""Reads figures over units, the lists behind them, and what they are counted from."""

from lms.reporting.queries.figures import Figures, figures
from lms.reporting.queries.people import Listed, Page, Place, Sought, count_up_to, people_in, people_page, persons

__all__ = [
    "Figures",
    "Listed",
    "Page",
    "Place",
    "Sought",
    "count_up_to",
    "figures",
    "people_in",
    "people_page",
    "persons",
]
