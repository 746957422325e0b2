"""Staff pages of accounts: people, their units and identities, one-time codes, corrections, disclosures."""

from lms.accounts.staff_views import (
    codes,
    corrections,
    disclosures,
    idnumbers,
    people_bulk,
    people_join,
    people_list,
    people_new,
    people_page,
    people_sheets,
)
from lms.accounts.staff_views.blueprint import bp

__all__ = [
    "bp",
    "codes",
    "corrections",
    "disclosures",
    "idnumbers",
    "people_bulk",
    "people_join",
    "people_list",
    "people_new",
    "people_page",
    "people_sheets",
]
