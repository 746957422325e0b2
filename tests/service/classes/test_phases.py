"""A class goes from design to implement to summarise, one step at a time, and the audit keeps every try."""

from uuid import UUID

import pytest

from lms.classes import queries, service
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import NotFound
from tests.factories.learning import NOW, Course, School
from tests.service.classes.planning import add_class, audited

Courses = tuple[Course, Course]
STEPS = {("design", "implement"), ("implement", "summarise")}
TRIES = [(old, new) for old in service.PHASES for new in (*service.PHASES, "", "closed")]


def phase_of(class_id: UUID) -> str:
    with reading() as session:
        return queries.class_facts(session, class_id).phase


@pytest.mark.parametrize(("old", "new"), TRIES, ids=[f"{old} to {new or 'nothing'}" for old, new in TRIES])
def test_only_the_next_phase_is_reached(school: School, courses: Courses, old: str, new: str) -> None:
    class_id = add_class(school, *courses, phase=old)
    before = audited("class.phase")
    if (old, new) in STEPS:
        service.advance_phase(class_id, new, actor_id=school.author_id, now=NOW)
    else:
        with pytest.raises(service.PhaseRefused):
            service.advance_phase(class_id, new, actor_id=school.author_id, now=NOW)
    assert phase_of(class_id) == (new if (old, new) in STEPS else old)
    kept = audited("class.phase")
    for entry in before:
        kept.remove(entry)
    assert kept == [("ok" if (old, new) in STEPS else "refused", {"old": old, "new": new})]


def test_a_class_that_is_not_there_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        service.advance_phase(ids.new_id(NOW), "implement", actor_id=school.author_id, now=NOW)
    assert audited("class.phase") == []
