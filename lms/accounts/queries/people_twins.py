"""Finds people who may be one: the same mobile number, the same name in the same unit, or an ID number claimed by both."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import IdNumberClashRow, PersonRow
from lms.accounts.queries.people_list import Listed, people_of_ids
from lms.infra.subtrees import within


@dataclass(frozen=True)
class Pair:
    """Two people of whom one may be the other; `why` is "id_number", "mobile" or "name"."""

    one: Listed
    other: Listed
    why: str


def likely_pairs(
    session: Session,
    scopes: tuple[str, ...],
    *,
    asker_id: UUID,
    after: tuple[UUID, UUID] | None = None,
    limit: int = 30,
) -> tuple[Pair, ...]:
    """Likely pairs whose halves both lie in the scopes, in the order of their ids, but those of who asks: they would tell whose
    a number is that the asker gave as their own. Two statements.
    """
    one, other = aliased(PersonRow), aliased(PersonRow)
    claim = IdNumberClashRow
    here = (
        one.merged_into.is_(None),
        other.merged_into.is_(None),
        one.closed_at.is_(None),
        other.closed_at.is_(None),
        one.id < other.id,
        one.id != asker_id,
        other.id != asker_id,
        within(one.unit_path, scopes),
        within(other.unit_path, scopes),
    )

    def pairs(why: str) -> Select[UUID, UUID, str]:
        return select(one.id.label("one_id"), other.id.label("other_id"), literal(why).label("why")).where(*here)

    same_mobile = (one.mobile_hash == other.mobile_hash) & (one.mobile_hash != "")
    same_name = (one.unit_id == other.unit_id) & (one.name == other.name) & (one.mobile_hash != other.mobile_hash)
    claims = [
        pairs("id_number").select_from(claim).join(one, one.id == first).join(other, other.id == second)
        for first, second in ((claim.person_id, claim.other_id), (claim.other_id, claim.person_id))
    ]
    by_mobile, by_name = (
        pairs(why).select_from(one).join(other, same) for why, same in (("mobile", same_mobile), ("name", same_name))
    )
    found = union_all(*claims, by_mobile, by_name).subquery()
    statement = select(found.c.one_id, found.c.other_id, func.min(found.c.why)).group_by(
        found.c.one_id, found.c.other_id
    )
    if after is not None:
        statement = statement.where(
            (found.c.one_id > after[0]) | ((found.c.one_id == after[0]) & (found.c.other_id > after[1]))
        )
    rows = session.execute(statement.order_by(found.c.one_id, found.c.other_id).limit(limit)).all()
    return _with_people(session, rows, scopes)


def _with_people(session: Session, rows: Sequence[Row[UUID, UUID, str]], scopes: tuple[str, ...]) -> tuple[Pair, ...]:
    ids = {person_id for one_id, other_id, _why in rows for person_id in (one_id, other_id)}
    people = {listed.id: listed for listed in people_of_ids(session, sorted(ids), scopes)} if ids else {}
    return tuple(
        Pair(people[one_id], people[other_id], why)
        for one_id, other_id, why in rows
        if one_id in people and other_id in people
    )
