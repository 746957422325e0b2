"""A qualification class, which asks for ID numbers, and numbers that are made up."""

from datetime import timedelta
from uuid import UUID

from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.service import id_numbers
from lms.classes import queries as classes
from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.numbers import check_character
from lms.organisations.queries import Unit
from tests.factories.people import NOW


def id_number_of(serial: int, *, region: str = "330102", born: str = "19800101") -> str:
    """A number that is right in form; the serial is its last three digits before the check character."""
    digits = f"{region}{born}{serial:03}"
    return digits + check_character(digits)


def add_qualification(unit: Unit, *person_ids: UUID, kind: str = classes.QUALIFICATION) -> UUID:
    """A running class with these people in it."""
    class_id = ids.new_id(NOW)
    with unit_of_work() as session:
        session.add(
            TrainingClassRow(
                id=class_id,
                name="工会主席上岗培训班",
                target_group="",
                kind="centralized",
                phase="implement",
                enrolment="open",
                starts_on=NOW.date(),
                ends_on=NOW.date() + timedelta(days=300),
                certificate_name="上岗证书",
                certificate_kind=kind,
                unit_id=unit.id,
                demo=False,
                created_at=NOW,
            )
        )
        session.flush()
        for person_id in person_ids:
            session.add(
                EnrolmentRow(
                    id=ids.new_id(NOW),
                    class_id=class_id,
                    person_id=person_id,
                    state="approved",
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
    return class_id


def give_number(person_id: UUID, number: str) -> None:
    """The person gives a number with their consent."""
    id_numbers.give(person_id, number, version=CURRENT[ID_NUMBER], asked=lambda _session, _id: True, now=NOW)
