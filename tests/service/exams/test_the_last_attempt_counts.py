"""Where the last attempt counts, an earlier one that is marked later earns nothing: the one that counts was failed."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from lms.certificates.models import CertificateRow
from lms.exams import queries, service
from lms.exams.models import ExamRulesRow, MarkingPieceRow
from lms.infra.db import reading, unit_of_work
from tests.factories.exams import NOW, Hall, make_candidate, make_hall_of_all_types
from tests.factories.marking import at_work, hand_in, make_marker


def let_count(hall: Hall, which: str) -> None:
    with unit_of_work() as session:
        old = session.get_one(ExamRulesRow, (hall.exam_id, 2))
        values = {column.key: getattr(old, column.key) for column in ExamRulesRow.__table__.columns}
        session.add(ExamRulesRow(**values | {"version": 3, "counts": which, "pass_mark": 40}))


def mark_all(hall: Hall, attempt_id: UUID) -> None:
    marker = at_work(make_marker(hall), hall)
    with reading() as session:
        waiting = select(MarkingPieceRow.item_version_id).where(MarkingPieceRow.attempt_id == attempt_id)
        items = queries.items(session, session.execute(waiting).scalars().all())
    for version_id, places in ((version_id, item.places) for version_id, item in items.items()):
        piece_id = service.take(hall.exam_id, version_id, by=marker, now=NOW)
        assert piece_id
        service.mark(piece_id, [Decimal(10) / places] * places, "", by=marker, now=NOW)


def outcome(person_id: UUID) -> tuple[bool, bool]:
    """(whether the result that counts is a pass, whether there is a certificate)"""
    with reading() as session:
        certificates = session.execute(select(CertificateRow.id).where(CertificateRow.person_id == person_id))
        return bool(queries.best_passes(session, person_id)), certificates.first() is not None


def two_attempts(hall: Hall) -> tuple[UUID, UUID]:
    """(candidate, first attempt): the first waits for its marks while the second is handed in, and failed, at once."""
    candidate = make_candidate(hall)
    first = hand_in(hall, candidate)
    hand_in(hall, candidate, blank=("case", "short_answer"), now=NOW + timedelta(minutes=5))
    return candidate.person_id, first


def test_what_is_marked_later_than_the_last_one_earns_no_certificate(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    let_count(hall, "last")
    person_id, first = two_attempts(hall)
    mark_all(hall, first)
    assert outcome(person_id) == (False, False)


def test_where_the_best_counts_it_does(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    let_count(hall, "best")
    person_id, first = two_attempts(hall)
    mark_all(hall, first)
    assert outcome(person_id) == (True, True)
