"""Attempts that wait for people, and people who mark them."""

from datetime import datetime, timedelta
from uuid import UUID

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.infra.db import reading
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person

ANSWERS = {
    "single": ["B"],
    "multiple": ["A", "C"],
    "true_false": ["F"],
    "fill_in": ["工会法", "50"],
    "matching": ["1", "2"],
    "short_answer": ["工会是职工自愿结合的工人阶级群众组织。"],
    "case": ["先筹备，再开会选举。", "上一级工会。"],
}
"""Right answers by type; of options, the author's keys."""


def hand_in(hall: Hall, person: Principal, *, seed: int = 1, blank: tuple[str, ...] = (), now: datetime = NOW) -> UUID:
    """An attempt with right answers but to the types that stay blank, handed in."""
    attempt_id = service.start_or_resume(hall.exam_id, person.person_id, now=now, seed=seed).attempt_id
    with reading() as session:
        entries = queries.paper(session, attempt_id).entries
    for entry in entries:
        if entry.type not in blank:
            value = entry.on_page(ANSWERS[entry.type])
            service.save_answer(attempt_id, person.person_id, entry.position, SaveKey(1, 1), value, received_at=now)
    service.submit(attempt_id, person.person_id, now=now + timedelta(seconds=30))
    return attempt_id


def handed_in(hall: Hall, count: int = 1) -> tuple[UUID, ...]:
    """Attempts of so many candidates who answered everything right."""
    return tuple(hand_in(hall, make_candidate(hall, f"考生{number}")) for number in range(count))


def make_marker(hall: Hall, name: str = "阅卷人") -> Principal:
    """A tutor over the nation, which holds the class of the hall."""
    return make_person(hall.land.national, name, grants={roles.CLASS_TUTOR: hall.land.national}, now=NOW)


def at_work(person: Principal, hall: Hall) -> Staff:
    """Somebody with reach over the nation."""
    return Staff(person.person_id, (hall.land.national.path,))
