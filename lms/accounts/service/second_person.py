"""Refuses who is no second person: the first one under another account, or somebody whom the first one made lately."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.kernel.errors import N_, Forbidden

MADE = N_("您或对方的岗位、登录码是近期由另一方（或同一人）给的，不能互为第二人，请由其他管理员办理")


class InOneHand(Forbidden):
    """One of the two gave the other a role or a one-time code lately, or a third gave both theirs on this day."""

    code, title = "in_one_hand", MADE


def require_another(
    session: Session, second_id: UUID, first_ids: Iterable[UUID | None], *, own: type[Forbidden], now: datetime
) -> None:
    """What takes two persons. Raises `own` for an account of one of the first ones, and InOneHand."""
    firsts = [one for one in first_ids if one is not None]
    if queries.own_among(session, second_id, firsts):
        raise own
    if queries.in_one_hand(session, second_id, firsts, now=now):
        raise InOneHand
