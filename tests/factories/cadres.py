"""Cadres as unit administrators know them: people of two provinces, and who may act on them."""

from datetime import date
from uuid import UUID

from lms.access.domain import roles
from lms.accounts.domain.particulars import Particulars
from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.organisations.queries import Unit
from tests.factories.people import NOW, Land, make_person

TODAY = date(2026, 11, 20)


def make_admin(unit: Unit, name: str = "管理员") -> Principal:
    """An administrator of a unit and all below it, who belongs to that unit."""
    return make_person(unit, name, grants={roles.UNIT_ADMIN: unit})


def at_work(person: Principal, *units: Unit) -> Staff:
    """The person as the services know them when they act on others."""
    return Staff(person.person_id, tuple(unit.path for unit in units))


def make_facts(name: str = "王建国", mobile: str = "13912345678", **changes: object) -> Particulars:
    """What staff would write of a person."""
    given = {
        "name": name,
        "sex": "male",
        "post": "工会主席",
        "mobile": mobile,
        "category": "enterprise",
        "employment": "full_time",
        "appointed_on": date(2020, 3, 1),
        **changes,
    }
    return Particulars(**given)  # type: ignore[arg-type]  # each value is of its field's type


def stored(person_id: UUID) -> PersonRow:
    """The row of a person."""
    with reading() as session:
        found = session.get(PersonRow, person_id)
        assert found is not None
        session.expunge(found)
        return found


__all__ = ["NOW", "TODAY", "Land", "at_work", "make_admin", "make_facts", "stored"]
