"""an answer that is marked after its writer's account was joined into another earns that human no second certificate,
and none in the name and workplace of the account that is gone."""

from decimal import Decimal
from uuid import UUID

from flask import Flask

from lms.accounts.service import identity
from lms.certificates import queries as certificates
from lms.exams import queries, service
from lms.exams.domain.regrade import Way
from lms.infra.db import reading
from tests.factories.cadres import at_work, make_admin
from tests.factories.exams import NOW, Hall, enrol, make_candidate, make_hall, make_hall_of_all_types
from tests.factories.joining import join_by_two
from tests.factories.marking import at_work as marking, hand_in, make_marker
from tests.factories.people import make_person
from tests.service.exams import test_regrading as regrading


def mark_everything(hall: Hall) -> None:
    by = marking(make_marker(hall), hall)
    with reading() as session:
        items = queries.items_to_mark(session, hall.exam_id, by.person_id, now=NOW)
    for item in items:
        while (piece := service.take(hall.exam_id, item.version_id, by=by, now=NOW)) is not None:
            with reading() as session:
                asked = queries.piece(session, piece, by.scopes, by.person_id).asked
            service.mark(piece, [Decimal(str(one.most)) for one in asked], "", by=by, now=NOW)


def certificates_of(person_id: UUID) -> list[tuple[UUID, str]]:
    with reading() as session:
        return [(one.person_id, one.facts.workplace) for one in certificates.of_person(session, person_id)]


def test_one_human_has_one_certificate_of_a_class(clean: Flask, turn: object) -> None:
    hall = make_hall_of_all_types()
    kept = make_person(hall.land.other_unit, "张三", now=NOW)
    identity.vouch(kept.person_id, actor_id=None, reason="test", now=NOW)
    enrol(hall, kept.person_id)
    hand_in(hall, kept)
    mark_everything(hall)
    before = certificates_of(kept.person_id)
    assert len(before) == 1
    gone = make_candidate(hall, "张三")
    hand_in(hall, gone)
    by = at_work(make_admin(hall.land.national), hall.land.national)
    join_by_two(kept.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    assert certificates_of(kept.person_id) == before
    mark_everything(hall)
    assert certificates_of(kept.person_id) == before


def test_a_corrected_key_gives_none_to_the_account_that_is_gone(clean: Flask) -> None:
    hall = make_hall(courses=8)
    first, second = regrading.manager(hall, "甲主任"), regrading.manager(hall, "乙主任")
    kept = make_person(hall.land.other_unit, "张三", now=NOW)
    identity.vouch(kept.person_id, actor_id=None, reason="test", now=NOW)
    enrol(hall, kept.person_id)
    regrading.sit(hall, kept, 20)
    before = certificates_of(kept.person_id)
    assert len(before) == 1
    gone = make_candidate(hall, "张三")
    attempt_id = regrading.sit(hall, gone, 14)
    by = at_work(make_admin(hall.land.national), hall.land.national)
    join_by_two(kept.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    change = regrading.now_right(regrading.version_at(attempt_id, 15), Way.FULL)
    regrading.carry_out(regrading.propose(hall, change, first), second)
    assert certificates_of(kept.person_id) == before
