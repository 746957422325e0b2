"""What a person who names their unit is offered: the units that fit what they typed, and the one chosen before."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.organisations.domain.ranks import KINDS, has_units_below
from lms.organisations.queries import search, tree
from lms.organisations.queries.search import Suggestion

OWN = tuple(kind for kind in KINDS if kind != "national")
"""What somebody may name as the unit they work in: any union or unit but the nation itself."""
NEAREST = tuple(kind for kind in OWN if has_units_below(kind))
"""What somebody may name as the nearest union above a unit that is not listed."""
SHOWN = 20


@dataclass(frozen=True)
class Choices:
    """What was typed, what fits it, and which of it is chosen (the chosen one stands first when it no longer fits)."""

    text: str
    found: tuple[Suggestion, ...]
    chosen: Suggestion | None
    more: bool


def choices(session: Session, text: str, chosen_id: UUID | None, *, kinds: Sequence[str]) -> Choices:
    """The units to choose from. Three statements at most; a choice that may not be made counts as none."""
    found = search.suggestions(session, text, kinds=kinds, limit=SHOWN + 1)
    chosen = _chosen(session, chosen_id, kinds)
    shown = found[:SHOWN]
    if chosen and chosen not in shown:
        shown = (chosen, *shown)
    return Choices(text, shown, chosen, len(found) > SHOWN)


def choices_within(
    session: Session, text: str, chosen_id: UUID | None, scopes: tuple[str, ...], *, kinds: Sequence[str]
) -> Choices:
    """The same for staff, limited to their scopes. Five statements at most."""
    found = search.search(session, text, scopes, kinds=kinds, limit=SHOWN + 1)
    parents = tree.units(session, [one.parent_id for one in found if one.parent_id])
    shown = tuple(
        Suggestion(one.id, one.name, parents[one.parent_id].name if one.parent_id else "", one.kind)
        for one in found[:SHOWN]
    )
    chosen = _chosen(session, chosen_id, kinds)
    if chosen and not any(covers(scope, tree.unit(session, chosen.id).path) for scope in scopes):
        chosen = None
    if chosen and chosen not in shown:
        shown = (chosen, *shown)
    return Choices(text, shown, chosen, len(found) > SHOWN)


def _chosen(session: Session, chosen_id: UUID | None, kinds: Sequence[str]) -> Suggestion | None:
    if chosen_id is None:
        return None
    try:
        return search.suggestion(session, chosen_id, kinds=kinds)
    except NotFound:
        return None
