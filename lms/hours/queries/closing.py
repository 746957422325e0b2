"""Reads which courses a person may still earn hours with."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.catalogue import queries as catalogue
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow
from lms.hours.domain.forecast import Offer
from lms.hours.domain.rules import hours_for
from lms.hours.queries.rules import newest_rules
from lms.learning import queries as learning
from lms.learning.models import CourseCompletionRow, WatchProgressRow

MOST = 24


def offers(session: Session, person_id: UUID) -> tuple[Offer, ...]:
    """At most 24 courses that the person has not completed and can complete now, those they began first. Four statements."""
    begun = (
        select(LectureRow.course_id)
        .join(LectureVersionRow, LectureVersionRow.lecture_id == LectureRow.id)
        .join(WatchProgressRow, WatchProgressRow.asset_id == LectureVersionRow.asset_id)
        .where(WatchProgressRow.person_id.in_(aliases(person_id)))
    )
    done = select(CourseCompletionRow.course_id).where(CourseCompletionRow.person_id.in_(aliases(person_id)))
    live = exists().where(LectureRow.course_id == CourseRow.id, LectureRow.live_revision_id.is_not(None))
    ids = (
        select(CourseRow.id)
        .where(live, CourseRow.id.not_in(done))
        .order_by(CourseRow.id.in_(begun).desc(), CourseRow.id)
        .limit(MOST)
    )
    cards = [one for one in catalogue.course_cards(session, session.execute(ids).scalars()) if not one.suspended]
    rules = newest_rules(session, [one.id for one in cards])
    states = learning.course_states(session, person_id, cards, done={})
    return tuple(
        Offer(one.id, one.title, hours_for(one.duration_ms, rules[one.id].rule), states[one.id].coverage)
        for one in cards
        if one.id in rules
    )
