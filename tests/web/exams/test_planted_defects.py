"""Six defects are planted one after the other, and the small exam finds each; without one it finds nothing. Promise T1c."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from sqlalchemy import inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite

from lms.exams import queries, service
from lms.exams.domain import attempts
from lms.exams.domain.attempts import SaveVerdict
from lms.exams.domain.keys import Choices
from lms.exams.models import AnswerEventRow, AttemptRow, ScoreRow
from lms.exams.service import answer, grading
from lms.infra import db
from lms.kernel import clock
from tests.factories.exams import NOW, Hall, make_candidate, right_answers
from tests.web.exams.conftest import Seat, Turn

BELL = timedelta(hours=1, seconds=3)


def faults(hall: Hall, take_seat: Any, turn: Turn, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One candidate's exam with everything pressed twice, and what is wrong afterwards."""
    turn(timedelta())
    person = make_candidate(hall, "考生")
    seat, found = take_seat(person), [*_lasting(), *_constraints()]
    started = [seat.call("POST", f"/exams/{hall.exam_id}/attempts").json for _ in range(2)][-1]
    path = f"/attempts/{started['attempt_id']}"
    right = right_answers(UUID(started["attempt_id"]))
    for seq, position in enumerate((1, 2, 11), start=1):
        body = {"epoch": started["epoch"], "client_seq": seq, "value": right[position]}
        told = [seat.call("PUT", f"{path}/answers/{position}", body) for _ in range(2)]
        if [one.status_code for one in told] != [200, 200] or told[0].json != told[1].json:
            found.append("a repeated save was not acknowledged as the first time")
    found += _after_the_bell(hall, take_seat, turn)
    results = [seat.call("POST", f"{path}/submission").json]
    body = {"epoch": started["epoch"], "client_seq": 9, "value": right[3]}
    if seat.call("PUT", f"{path}/answers/3", body).status_code != 409:
        found.append("a save after the hand-in was not refused")
    with monkeypatch.context() as patched:
        _another_key(patched)
        results += [seat.call("POST", f"{path}/submission").json for _ in range(2)]
    if any(one != results[0] for one in results) or results[0].get("score") != 12:
        found.append(f"hand-ins gave {results}")
    with db.reading() as session:
        own = select(AttemptRow.id).where(AttemptRow.person_id == person.person_id)
        if len(session.execute(own).all()) != 1:
            found.append("more than one attempt")
        scored = session.execute(select(ScoreRow.score).where(ScoreRow.attempt_id.in_(own))).scalars().all()
    return found if scored == [12] else [*found, f"scores {scored}"]


def _after_the_bell(hall: Hall, take_seat: Any, turn: Turn) -> list[str]:
    """Another candidate saves five seconds late, with a browser whose clock stands at the start."""
    seat = take_seat(make_candidate(hall, "迟到"))
    started = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    turn(BELL + timedelta(seconds=5))
    told = seat.client.put(
        f"/api/v1/attempts/{started['attempt_id']}/answers/1",
        json={"epoch": 1, "client_seq": 1, "value": ["o1"]},
        headers={"X-CSRFToken": seat.token, "X-Client-Time": NOW.isoformat()},
    )
    turn(timedelta())
    return [] if told.status_code == 409 else ["a late save was taken"]


def _lasting() -> list[str]:
    """Whether what is committed is on the disk."""
    try:
        db.check_pragmas()
    except db.DatabaseFault as fault:
        return [str(fault)]
    if db.dialect() == "postgresql":
        with db.reading() as session:
            if session.execute(text("SHOW synchronous_commit")).scalar() != "on":
                return ["commits are not synchronous"]
    return []


def _constraints() -> list[str]:
    """Whether the unique indexes that the models name stand in the database."""
    wanted = {str(index.name) for index in AttemptRow.__table__.indexes if index.unique}
    there = {index["name"] for index in inspect(db.engine()).get_indexes("attempt")}
    return [f"no index {name}" for name in sorted(wanted - there)]


def _another_key(patched: pytest.MonkeyPatch) -> None:
    genuine = queries.items

    def corrected(session: Any, version_ids: Any) -> Any:
        return {i: replace(item, key=Choices(("D",))) for i, item in genuine(session, version_ids).items()}

    patched.setattr(queries, "items", corrected)


@contextmanager
def no_unique_index(_patch: pytest.MonkeyPatch) -> Iterator[None]:
    with db.engine().begin() as connection:
        connection.execute(text("DROP INDEX uq_attempt_open"))
    try:
        yield
    finally:
        with db.engine().begin() as connection:
            connection.execute(
                text("CREATE UNIQUE INDEX uq_attempt_open ON attempt (exam_id, person_id) WHERE state = 'open'")
            )


@contextmanager
def no_look_at_the_state(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The save no longer asks whether the attempt is open, nor does what is looked at afterwards."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[db.dialect()]
    columns = list(answer._VALUES.selected_columns)
    blind = select(*columns).where(AttemptRow.__table__.c.id == answer._VALUES.whereclause.clauses[0].right)
    statement = dialect.insert(AnswerEventRow).from_select(answer._COLUMNS, blind)
    patch.setitem(answer._SAVE, db.dialect(), statement.returning(AnswerEventRow.client_seq))
    yield


@contextmanager
def commits_that_do_not_last(_patch: pytest.MonkeyPatch) -> Iterator[None]:
    if db.dialect() == "sqlite":
        wanted = db.SQLITE_PRAGMAS["synchronous"]
        db.SQLITE_PRAGMAS["synchronous"] = "1"
        db.engine().dispose()
        with db.engine().connect():
            db.SQLITE_PRAGMAS["synchronous"] = wanted
        try:
            yield
        finally:
            db.engine().dispose()
        return
    name = db.engine().url.database
    for word in ("SET synchronous_commit = off", "RESET synchronous_commit"):
        with db.engine().begin() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" {word}'))
        db.engine().dispose()
        if word.startswith("SET"):
            yield


@contextmanager
def no_idempotency(patch: pytest.MonkeyPatch) -> Iterator[None]:
    genuine = attempts.accept_save

    def forgetful(*args: Any, **kwargs: Any) -> SaveVerdict:
        verdict = genuine(*args, **kwargs)
        return SaveVerdict.CONFLICT if verdict is SaveVerdict.REPEATED else verdict

    patch.setattr(attempts, "accept_save", forgetful)
    yield


@contextmanager
def score_on_read(patch: pytest.MonkeyPatch) -> Iterator[None]:
    def scoring(attempt_id: UUID, person_id: UUID, *, now: datetime) -> service.Graded:
        genuine(attempt_id, person_id, now=now)
        with db.reading() as session:
            found = queries.own_attempt(session, attempt_id, person_id)
            sheet = grading.sheet_of(session, attempt_id, queries.rules(session, found.exam_id, 1))
        result = queries.Result(sheet.total // 100, sheet.maximum // 100, sheet.passed(60))
        return service.Graded(found.state, result)

    genuine = service.submit
    patch.setattr(service, "submit", scoring)
    yield


@contextmanager
def the_clients_time(patch: pytest.MonkeyPatch) -> Iterator[None]:
    def told() -> datetime:
        said = request.headers.get("X-Client-Time") if request else None
        return datetime.fromisoformat(said).astimezone(UTC) if said else genuine()

    genuine = clock.now
    patch.setattr("lms.exams.api.attempts.clock", type("Clock", (), {"now": staticmethod(told)}))
    yield


DEFECTS = [
    no_unique_index,
    no_look_at_the_state,
    commits_that_do_not_last,
    no_idempotency,
    score_on_read,
    the_clients_time,
]


def test_the_small_exam_finds_nothing_when_nothing_is_planted(hall: Hall, take_seat, turn, monkeypatch) -> None:
    assert faults(hall, take_seat, turn, monkeypatch) == []


@pytest.mark.parametrize("plant", DEFECTS, ids=lambda plant: plant.__name__)
def test_t1c_each_planted_defect_is_caught(hall: Hall, take_seat, turn, monkeypatch, plant) -> None:
    with monkeypatch.context() as patch, plant(patch):
        assert faults(hall, take_seat, turn, monkeypatch)


def test_starts_in_the_same_moment_stay_one_attempt(app: Flask, hall: Hall, take_seat) -> None:
    person = make_candidate(hall, "双击")
    seats: list[Seat] = [take_seat(person) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda seat: seat.call("POST", f"/exams/{hall.exam_id}/attempts"), seats))
    assert len({one.json["attempt_id"] for one in told}) == 1
    assert sorted(one.status_code for one in told) == [200, 200, 200, 201]
