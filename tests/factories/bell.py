"""Saves and hand-ins scattered around the bell, under a clock that is stepped, and what of them may count."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow, AttemptRow
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from tests.factories.exams import NOW, Hall, make_candidate, named

BELL, GRACE = NOW + timedelta(hours=1), timedelta(seconds=3)
AROUND_MS = 2_000
STEP = timedelta(hours=1)


@dataclass
class Tally:
    """How many saves were taken, and how many were not."""

    taken: int = 0
    refused: int = 0


def ring(hall: Hall, *, candidates: int, saves: int, seed: int) -> Tally:
    """Each candidate sends `saves` saves and at times a hand-in, at moments up to 2 s from the end of grace; now and then the
    server's clock is an hour off. A save counts exactly when it is received in time and before the hand-in; what was
    acknowledged is stored, what was refused is not."""
    draw, tally = Random(seed), Tally()
    for number in range(candidates):
        person = make_candidate(hall, f"考生{number}").person_id
        attempt = service.start_or_resume(hall.exam_id, person, now=NOW, seed=number).attempt_id
        _one(person, attempt, saves, draw, tally)
    return tally


def _one(person: UUID, attempt: UUID, saves: int, draw: Random, tally: Tally) -> None:
    over, stored = False, {}
    for seq in range(1, saves + 1):
        at = BELL + GRACE + timedelta(milliseconds=draw.randint(-AROUND_MS, AROUND_MS))
        at += draw.choice((timedelta(),) * 8 + (STEP, -STEP))
        if draw.random() < 2 / saves:
            service.hand_in_if_over(attempt, now=at)
            over = over or at > BELL + GRACE
        position, value = draw.randint(1, 30), draw.choice(([], ["A"], ["T"]))
        try:
            sent = named(attempt, position, value)
            service.save_answer(attempt, person, position, SaveKey(1, seq), sent, received_at=at)
        except DomainError as refusal:
            tally.refused += 1
            assert refusal.code == "invalid" or over or at > BELL + GRACE, (at, refusal.code)
        else:
            tally.taken += 1
            assert not over and at <= BELL + GRACE, at
            stored[position, seq] = value
    with reading() as session:
        events = session.execute(select(AnswerEventRow.__table__).where(AnswerEventRow.attempt_id == attempt)).all()
        state = session.execute(select(AttemptRow.state).where(AttemptRow.id == attempt)).scalar_one()
    assert {(one.position, one.client_seq): one.value for one in events} == stored
    assert state == ("graded" if over else "open")
