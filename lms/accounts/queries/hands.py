"""Reads who let whom in lately."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.domain import hands
from lms.accounts.events import givers_of_roles
from lms.accounts.models import AccountRow, PersonRow, SignInCodeRow
from lms.audit import queries as audit

ONE_PERSON = func.coalesce(PersonRow.merged_into, PersonRow.id, type_=PersonRow.id.type)
"""The person whom an account is of, since it was joined or all along."""


def in_one_hand(session: Session, second_id: UUID, first_ids: Iterable[UUID | None], *, now: datetime) -> bool:
    """Whether somebody is no second person to any of the first ones, for one of them made the other; see `domain.hands`.

    All accounts of a person are one. Two statements for each step from hand to hand; there is one step where nobody made
    anybody lately.
    """

    def makers(people: frozenset[UUID], since: datetime) -> frozenset[UUID]:
        answers = givers_of_roles.send(session=session, person_ids=people, since=since)
        return _issuers(session, people, since).union(*(given for _receiver, given in answers))

    asked = [second_id, *(one for one in first_ids if one is not None)]
    rows = session.execute(select(PersonRow.id, ONE_PERSON).where(PersonRow.id.in_(asked)))
    kept = {row[0]: row[1] for row in rows}
    second, *firsts = (kept[one] for one in asked)
    return hands.one_hand(firsts, second, makers, now=now)


def _issuers(session: Session, people: frozenset[UUID], since: datetime) -> frozenset[UUID]:
    """Who issued codes to some people, or gave them the number that a code went to since then."""
    rows = session.execute(
        select(AccountRow.person_id, ONE_PERSON, func.max(SignInCodeRow.issued_at))
        .select_from(SignInCodeRow)
        .join(AccountRow, AccountRow.id == SignInCodeRow.account_id)
        .outerjoin(PersonRow, PersonRow.id == SignInCodeRow.issued_by)
        .where(
            AccountRow.person_id.in_(accounts_of(people)),
            SignInCodeRow.issued_at > since,
            or_(SignInCodeRow.issued_by.is_not(None), SignInCodeRow.way == "sms"),
        )
        .group_by(AccountRow.person_id, ONE_PERSON)
    ).all()
    issuers = frozenset(row[1] for row in rows if row[1] is not None)
    sent = {row[0]: row[2] for row in rows if row[1] is None}
    if not sent:
        return issuers
    given = audit.who_did(session, hands.MOBILE_CHANGED, sent, since=since)
    givers = [actor_id for person_id, actor_id, at in given if at <= sent[person_id]]
    return issuers | frozenset(session.execute(select(ONE_PERSON).where(PersonRow.id.in_(givers))).scalars())


def accounts_of(people: Collection[UUID]) -> Select[UUID]:
    """For `column.in_(…)`: some people and all who were joined into them."""
    return select(PersonRow.id).where(or_(PersonRow.id.in_(people), PersonRow.merged_into.in_(people)))
