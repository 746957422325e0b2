"""Reads who let whom in lately."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.domain import hands
from lms.accounts.events import givers_of_roles
from lms.accounts.models import AccountRow, SignInCodeRow


def in_one_hand(session: Session, second_id: UUID, first_ids: Iterable[UUID | None], *, now: datetime) -> bool:
    """Whether somebody is no second person to any of the first ones, for one of them made the other; see `domain.hands`.

    Two statements for each step from hand to hand; there is one step where nobody made anybody lately.
    """

    def makers(people: frozenset[UUID], since: datetime) -> frozenset[UUID]:
        answers = givers_of_roles.send(session=session, person_ids=people, since=since)
        return _issuers(session, people, since).union(*(given for _receiver, given in answers))

    return hands.one_hand([one for one in first_ids if one is not None], second_id, makers, now=now)


def _issuers(session: Session, people: frozenset[UUID], since: datetime) -> frozenset[UUID]:
    rows = session.execute(
        select(SignInCodeRow.issued_by)
        .join(AccountRow, AccountRow.id == SignInCodeRow.account_id)
        .where(AccountRow.person_id.in_(people), SignInCodeRow.issued_at > since, SignInCodeRow.issued_by.is_not(None))
        .distinct()
    ).scalars()
    return frozenset(one for one in rows if one is not None)
