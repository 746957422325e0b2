"""Who staff may help: people of their own unions, never themselves, and nobody more powerful than they are."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.kernel.errors import N_, Forbidden, NotFound

Outranks = Callable[[UUID, UUID], bool]
"""(one, other): whether one could give every role that the other holds or will hold; who holds none is outranked by all."""


class OnlyForOthers(Forbidden):
    """Staff do this for other people."""

    code, title = "only_for_others", N_("不能为自己办理，请由其他管理员办理")


class MorePowerful(Forbidden):
    """The person holds a role that the one who acts could not give."""

    code, title = "more_powerful", N_("对方的岗位高于或不属于您的管理范围，请由其上级管理员办理")


def reached(session: Session, person_id: UUID, *, staff: Staff, outranks: Outranks) -> queries.Person:
    """The person, when the staff may help them. Raises NotFound, OnlyForOthers, MorePowerful."""
    person = queries.person(session, person_id)
    if not staff.reaches(person.unit_path):
        raise NotFound
    if staff.person_id == person.id:
        raise OnlyForOthers
    if not outranks(staff.person_id, person.id):
        raise MorePowerful
    return person


def held(session: Session, person_id: UUID, *, staff: Staff, outranks: Outranks) -> queries.Person:
    """The same for an act: nobody moves the person, or decides about a role or an account of the two, until the unit of work ends."""
    queries.lock_person(session, staff.person_id, person_id)
    return reached(session, person_id, staff=staff, outranks=outranks)
