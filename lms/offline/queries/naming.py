"""Finds the people whom rows of a list name, in one unit and all below it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, PersonRow
from lms.infra import crypto
from lms.infra.subtrees import within
from lms.kernel.errors import N_
from lms.offline.domain.people import COLUMNS, Named, Problem

NOBODY = N_("本单位及下级单位中没有这个人，请核对姓名或用户名")
SEVERAL = N_("有多名同名人员，请加填手机号码或用户名")
OTHER_NAME = N_("这个用户名属于另一个姓名的人")
TWICE = N_("与前面的一行是同一个人")


@dataclass(frozen=True)
class _Known:
    id: UUID
    name: str
    username: str
    mobile_hash: str


def named(session: Session, rows: Sequence[Named], path: str) -> tuple[dict[UUID, Named], tuple[Problem, ...]]:
    """Who each row means, and what is wrong with the others. One statement, however many rows."""
    names = {one.name for one in rows if one.name}
    usernames = {one.username for one in rows if one.username}
    found = session.execute(
        select(PersonRow.id, PersonRow.name, AccountRow.username, PersonRow.mobile_hash)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(
            or_(PersonRow.name.in_(names), AccountRow.username.in_(usernames)),
            within(PersonRow.unit_path, [path]),
            PersonRow.merged_into.is_(None),
            PersonRow.closed_at.is_(None),
        )
    )
    by_name: dict[str, list[_Known]] = defaultdict(list)
    by_username: dict[str, _Known] = {}
    for row in found:
        known = _Known(*row)
        by_name[known.name].append(known)
        by_username[known.username] = known
    people: dict[UUID, Named] = {}
    problems = []
    for one in rows:
        meant = _meant(one, by_name, by_username)
        if isinstance(meant, UUID) and meant not in people:
            people[meant] = one
        else:
            column = COLUMNS["username" if one.username else "name"]
            problems.append(Problem(one.number, column, TWICE if isinstance(meant, UUID) else meant))
    return people, tuple(problems)


def _meant(one: Named, by_name: Mapping[str, Sequence[_Known]], by_username: Mapping[str, Any]) -> UUID | str:
    if one.username:
        known = by_username.get(one.username)
        if known is None:
            return NOBODY
        return known.id if one.name in {"", known.name} else OTHER_NAME
    fitting = by_name.get(one.name, ())
    if one.mobile:
        hashes = set(crypto.index_hashes("mobile", one.mobile))
        fitting = [known for known in fitting if known.mobile_hash in hashes]
    if len(fitting) != 1:
        return SEVERAL if fitting else NOBODY
    return fitting[0].id
