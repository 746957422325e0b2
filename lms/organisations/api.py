"""The public list of units to choose from: names and what stands above them, nothing else."""

from uuid import UUID

import msgspec
from flask import Blueprint, request

from lms import settings as settings_module
from lms.infra.db import reading
from lms.organisations import queries, service
from lms.web import guards, jsonapi

bp = Blueprint("organisations_api", __name__)
LONGEST = 120


class ListedUnit(msgspec.Struct):
    """A unit that a person may choose."""

    id: UUID
    name: str
    parent: str


class ListedUnits(msgspec.Struct):
    """At most 20 units; `more` tells that a longer text would find others."""

    units: list[ListedUnit]
    more: bool


@bp.get("/units")
@guards.public
@jsonapi.endpoint(answer=ListedUnits)
def units() -> ListedUnits:
    """Open units whose name, pinyin or code fits ?q=; with ?above=1 only unions that may have units below them."""
    service.allow_search(request.remote_addr or "", per_minute=settings_module.current().unit_searches_per_minute)
    text = request.args.get("q", "")[:LONGEST]
    kinds = queries.NEAREST if request.args.get("above") == "1" else queries.OWN
    with reading() as session:
        offered = queries.choices(session, text, None, kinds=kinds)
    return ListedUnits([ListedUnit(one.id, one.name, one.parent) for one in offered.found], offered.more)
