"""Lines of the ledger without the courses behind them, for tests of figures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.accounts.models import PersonRow
from lms.hours.domain.rules import count_year
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from tests.factories import learning
from tests.factories.people import NOW, Land


def make_rule(land: Land, *, now: datetime = NOW) -> UUID:
    """A rule of a course, for lines to name."""
    school = learning.add_staff(land.unit, now=now)
    return rule_of(learning.add_course(school).id)


def rule_of(course_id: UUID) -> UUID:
    """The rule of a course that has one version of it."""
    with reading() as session:
        return session.execute(select(HoursRuleRow.id).where(HoursRuleRow.course_id == course_id)).scalar_one()


def credit(rule_id: UUID, person_id: UUID, hours: int, *, ledger: str = "self_study", at: datetime = NOW) -> UUID:
    """A line for the unit to which the person belongs now."""
    return credit_often(rule_id, person_id, hours, 1, ledger=ledger, at=at)[0]


def credit_often(
    rule_id: UUID, person_id: UUID, hours: int, number: int, *, ledger: str = "self_study", at: datetime = NOW
) -> list[UUID]:
    """So many lines alike, each of a course of its own."""
    made = [ids.new_id(at) for _ in range(number)]
    with unit_of_work() as session:
        place = session.execute(select(PersonRow.unit_id, PersonRow.unit_path).where(PersonRow.id == person_id)).one()
        session.add_all(
            CreditEntryRow(
                id=entry_id,
                person_id=person_id,
                ledger=ledger,
                source="course",
                source_id=ids.new_id(at),
                title="课程",
                hours=hours,
                rule_id=rule_id,
                earned_at=at,
                count_year=count_year(at),
                round=0,
                unit_id=place.unit_id,
                unit_path=place.unit_path,
                reason="",
            )
            for entry_id in made
        )
    return made
