"""Finds the unit that somebody means, on a page that asks where they belong."""

from typing import Any
from uuid import UUID

from flask import request

from lms import settings as settings_module
from lms.accounts.forms.belonging import BelongingForm
from lms.infra.db import reading
from lms.organisations import queries as organisations, service as units
from lms.organisations.domain import picking
from lms.organisations.domain.picking import Listed, Open, Unlisted

LONGEST = 120


def searching() -> bool:
    """Whether the form was sent to look for a unit and not to be taken."""
    return bool(request.form.get("find"))


def count_search(*typed: str | None) -> None:
    """Counts a page that answers typed text with units, whichever button sent it. Raises TooMany."""
    if any(typed):
        units.allow_search(request.remote_addr or "", per_minute=settings_module.current().unit_searches_per_minute)


def offered(form: BelongingForm) -> dict[str, Any]:
    """What the page's two pickers list: `choices` of the unit, `above` of the nearest union. Raises TooMany."""
    count_search(form.unit_query.data, form.parent_query.data)
    with reading() as session:
        choices, above = (
            organisations.choices(session, (text or "")[:LONGEST], _id(chosen), kinds=kinds)
            for text, chosen, kinds in (
                (form.unit_query.data, form.unit_id.data, organisations.OWN),
                (form.parent_query.data, form.parent_id.data, organisations.NEAREST),
            )
        )
    return {"choices": choices, "above": above}


def decided(form: BelongingForm) -> Listed | Unlisted | None:
    """Where the person belongs; None, with the problems shown in the form, when that is not clear."""
    said = picking.decide(form.answers())
    if isinstance(said, Open):
        form.show(said.problems)
        return None
    shown = offered(form)
    if shown["above" if isinstance(said, Unlisted) else "choices"].chosen is None:
        form.show({"parent_id" if isinstance(said, Unlisted) else "unit_id": picking.NOT_TO_CHOOSE})
        return None
    return said


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
