"""Writes what a completed course earns into the ledger."""

from uuid import UUID

from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.hours import queries
from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import Ledger
from lms.hours.models import CreditEntryRow
from lms.hours.service.fixing import worth
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.learning.events import CourseCompleted

COURSE = "course"


def credit_course(event: CourseCompleted) -> UUID | None:
    """Credits a completed course by the rule that holds now. Returns the entry's id, None when it counts already.

    The kind is fixed here: that of the class it was completed for, else self-study. Raises NoRule.
    """
    with unit_of_work() as session:
        rule_id, hours = worth(session, event.course_id)
        year = count_year(event.at)
        entries, reversals = queries.reversed_rounds(session, event.person_id, COURSE, event.course_id, year)
        if entries > reversals:
            return None
        who = accounts.person(session, event.person_id)
        entry_id = ids.new_id(event.at)
        session.add(
            CreditEntryRow(
                id=entry_id,
                person_id=event.person_id,
                ledger=event.class_kind or Ledger.SELF_STUDY,
                source=COURSE,
                source_id=event.course_id,
                title=catalogue.course_titles(session, [event.course_id])[event.course_id],
                hours=hours,
                rule_id=rule_id,
                earned_at=event.at,
                count_year=year,
                round=entries,
                enrolment_id=event.enrolment_id,
                unit_id=who.unit_id,
                unit_path=who.unit_path,
                reason="",
            )
        )
        session.flush()
        return entry_id
