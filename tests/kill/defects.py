"""The web application with one of the defects of T1c in it, for the processes of tests alone.

gunicorn loads `tests.kill.defects:application`; the environment names the defect. Rules that the database repeats are taken
away there by the test (`GUARDS`), so that what is looked for is not only refused in another place.
"""

import os
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.exams import queries, service
from lms.exams.api import attempts as api
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow, AttemptRow
from lms.exams.service import answer, attempt, grading
from lms.infra import db
from lms.kernel import clock
from tests.kill.processes import DEFECT

GUARDS = {
    "no_unique_index": [("index", "uq_attempt_open", "attempt")],
    "saves_to_closed_attempts": [("trigger", "answer_event_in_time", "answer_event")],
    "score_on_read": [("trigger", "attempt_score_first", "attempt")],
}
"""What of the database goes with a defect, by its name."""


def starts_that_race() -> None:
    """Whether an attempt is open is asked before the transaction that begins one, a moment earlier."""
    begin, look = attempt._begin, queries.start_facts
    seen: ContextVar[UUID | None] = ContextVar("seen")

    def early(exam_id: UUID, person_id: UUID, drawn: Any, *, now: datetime) -> Any:
        with db.reading() as session:
            token = seen.set(look(session, exam_id, person_id, now=now).open_attempt_id)
        time.sleep(random.uniform(0.0, 0.2))
        try:
            return begin(exam_id, person_id, drawn, now=now)
        finally:
            seen.reset(token)

    def facts(session: Any, exam_id: UUID, person_id: UUID, *, now: datetime) -> Any:
        found = look(session, exam_id, person_id, now=now)
        return replace(found, open_attempt_id=seen.get(found.open_attempt_id))

    attempt._begin, queries.start_facts = early, facts


def saves_to_closed_attempts() -> None:
    """A save no longer asks for an open attempt."""
    blind = _whatever_the_state(answer._VALUES)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
        statement = insert(AnswerEventRow).from_select(answer._COLUMNS, blind).on_conflict_do_nothing()
        answer._SAVE[name] = statement.returning(AnswerEventRow.client_seq)


def _whatever_the_state(statement: Select[Any]) -> Select[Any]:
    state = AttemptRow.__table__.c.state
    others = [one for one in statement.whereclause.clauses if one.left is not state]
    return select(*statement.selected_columns).where(*others)


def hand_ins_of_closed_attempts() -> None:
    """A hand-in no longer asks for an open attempt."""
    genuine = grading._CLOSE_OWN
    state = AttemptRow.__table__.c.state
    others = [one for one in genuine.whereclause.clauses if one.left is not state]
    blind = update(AttemptRow.__table__).where(*others).values(genuine._values)
    grading._CLOSE_OWN = blind.returning(*genuine._returning)


def commits_that_do_not_last() -> None:
    """SQLite waits for the disk at checkpoints only."""
    genuine = db.set_pragmas

    def hasty(connection: Any) -> None:
        genuine(connection)
        connection.execute("PRAGMA synchronous=NORMAL")

    db.set_pragmas = hasty


def no_idempotency() -> None:
    """Each save is stored under a key of the server's own, a repeated one too."""
    genuine = service.save_answer

    def counted(
        attempt_id: UUID, person_id: UUID, position: int, key: SaveKey, value: object, *, received_at: datetime
    ) -> Any:
        fresh = SaveKey(key.epoch, time.monotonic_ns())
        return genuine(attempt_id, person_id, position, fresh, value, received_at=received_at)

    service.save_answer = counted


def score_on_read() -> None:
    """The score is counted each time that it is asked for, and never stored."""
    hand_in, show = service.submit, service.settled_view

    def counted(attempt_id: UUID, person_id: UUID) -> Any:
        with db.reading() as session:
            found = queries.own_attempt(session, attempt_id, person_id)
            rules = queries.rules(session, found.exam_id, found.rules_version)
            return _result(grading.sheet_of(session, attempt_id, rules), rules)

    def submit(attempt_id: UUID, person_id: UUID, *, now: datetime) -> Any:
        return service.Graded(hand_in(attempt_id, person_id, now=now).state, counted(attempt_id, person_id))

    def settled_view(attempt_id: UUID, person_id: UUID, *, now: datetime) -> Any:
        view = show(attempt_id, person_id, now=now)
        return replace(view, attempt=replace(view.attempt, result=counted(attempt_id, person_id)))

    grading.store_score = lambda _session, _attempt_id, sheet, rules, *, now: _result(sheet, rules)
    service.submit, service.settled_view = submit, settled_view


def _result(sheet: Any, rules: Any) -> queries.Result:
    return queries.Result(sheet.total // 100, sheet.maximum // 100, sheet.passed(rules.blueprint.pass_mark))


def the_clients_time() -> None:
    """What the Date header of a request says is taken for the time."""

    class Told:
        @staticmethod
        def now() -> datetime:
            said = request.headers.get("Date")
            return parsedate_to_datetime(said).astimezone(UTC) if said else clock.now()

    api.clock = Told


DEFECTS: dict[str, Callable[[], None]] = {
    "no_unique_index": starts_that_race,
    **{
        one.__name__: one
        for one in (
            starts_that_race,
            saves_to_closed_attempts,
            hand_ins_of_closed_attempts,
            commits_that_do_not_last,
            no_idempotency,
            score_on_read,
            the_clients_time,
        )
    },
}


def __getattr__(name: str) -> Any:
    """`application`, made when gunicorn asks for it."""
    if name != "application":
        raise AttributeError(name)
    DEFECTS[os.environ[DEFECT]]()
    from lms.wsgi import application

    return application
