"""Asks at the moment of an act whose class an exam is."""

from uuid import UUID

from sqlalchemy.orm import Session

from lms.classes import queries as classes
from lms.exams import queries
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.organisations import queries as organisations


def held_class(session: Session, exam_id: UUID, reach: tuple[str, ...]) -> UUID:
    """The class of an exam in reach, whose unit stays where it is until the unit of work ends. Raises NotFound."""
    class_id = queries.exam(session, exam_id).class_id
    unit = organisations.held_unit(session, classes.class_facts(session, class_id).unit_id)
    if not any(covers(scope, unit.path) for scope in reach):
        raise NotFound
    return class_id
