"""What is true of an exam whatever happened to the machine: plain SQL and a scorer of its own against what candidates noted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lms.audit import service as audit
from lms.infra.db import reading
from lms.kernel import clock
from tests.kill.candidates import Candidate

PASS_MARK = 60
SHOWN = 3  # of many alike


@dataclass(frozen=True)
class Item:
    """An item at its place in a paper: what is right, and what that is worth."""

    right: list[str]
    points: int


def rows(statement: str) -> list[Any]:
    """Rows of plain SQL, so that nothing of the platform's own reading and scoring stands between it and the test."""
    with reading() as session:
        return list(session.execute(text(statement)).all())


def decoded(value: Any) -> Any:
    """A JSON column in either database."""
    return json.loads(value) if isinstance(value, str) else value


def plain(value: Any) -> str:
    """An id in either database."""
    return str(UUID(str(value)))


def papers() -> dict[str, dict[int, Item]]:
    """Each attempt's paper with its keys."""
    found: dict[str, dict[int, Item]] = {}
    for attempt, position, points, answer in rows(
        "SELECT q.attempt_id, q.position, q.points, v.answer FROM attempt_question q"
        " JOIN item_version v ON v.id = q.item_version_id"
    ):
        found.setdefault(plain(attempt), {})[position] = Item(decoded(answer), points)
    return found


def right_answers() -> Callable[[str, int], list[str]]:
    """The key of a position of an attempt; papers are read again for an attempt that is not known yet."""
    known: dict[str, dict[int, Item]] = {}

    def right(attempt_id: str, position: int) -> list[str]:
        if attempt_id not in known:
            known.update(papers())
        return known[attempt_id][position].right

    return right


def faults(candidates: Sequence[Candidate], log_path: Path) -> list[str]:
    """Everything that is wrong, a sentence each; `log_path` holds the heads of the record's seals.

    Lost, double, late or wrong answers, attempts, scores and certificates; requests that were answered with a fault; rows
    that do not fit their marks.
    """
    told = (
        _requests(candidates),
        _attempts(candidates),
        _answers(candidates),
        _late(candidates),
        _scores(candidates),
        _certificates(candidates),
        _record(log_path),
    )
    return [sentence for some in told for sentence in some]


def acknowledged(candidates: Sequence[Candidate]) -> int:
    """How many saves were answered with 200."""
    return sum(len(one.acknowledged) for one in candidates)


def _requests(candidates: Sequence[Candidate]) -> Iterator[str]:
    met = [fault for one in candidates for fault in one.browser.faults]
    if met:
        yield f"{len(met)} requests were answered with 500: {met[:SHOWN]}"


def _attempts(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Each person has one attempt, it is graded, and every press told of the same one with the same result."""
    stored = Counter(
        (plain(person), plain(attempt), number, state)
        for person, attempt, number, state in rows("SELECT person_id, id, attempt_no, state FROM attempt")
    )
    expected = Counter((str(one.person_id), one.attempt_id, 1, "graded") for one in candidates)
    if stored != expected:
        yield f"attempts are {[*(stored - expected)][:SHOWN]} where {[*(expected - stored)][:SHOWN]} were to be"
    for one in candidates:
        if one.attempts_seen != {one.attempt_id}:
            yield f"two presses of start opened {one.attempts_seen}"
        if one.results != [one.results[0]] * 3:
            yield f"three presses of submit have several answers: {one.results}"


def _answers(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Each save that was answered with 200 is an event with that very value."""
    events = {
        (plain(attempt), position, epoch, seq): decoded(value)
        for attempt, position, epoch, seq, value in rows(
            "SELECT attempt_id, position, epoch, client_seq, value FROM answer_event"
        )
    }
    lost = [
        (one.attempt_id, key)
        for one in candidates
        for key, value in one.acknowledged.items()
        if events.get((one.attempt_id, *key)) != value
    ]
    if lost:
        yield f"{len(lost)} acknowledged answers are not in the database: {lost[:SHOWN]}"
    sent = {(one.attempt_id, *key) for one in candidates for key in one.tried}
    if never := events.keys() - sent:
        yield f"{len(never)} answers are in the database that nobody sent: {sorted(never)[:SHOWN]}"
    if short := [one.attempt_id for one in candidates if len(one.final) != len(one.questions)]:
        yield f"{len(short)} candidates could not answer everything: {short[:SHOWN]}"


def _late(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Nothing is stored that came after the bell by anybody's clock, nor was a save taken after the hand-in."""
    late = rows(
        "SELECT e.attempt_id, e.position FROM answer_event e JOIN attempt a ON a.id = e.attempt_id"
        " WHERE e.received_at > a.closes_at"
    )
    if late:
        yield f"{len(late)} answers came after the bell: {late[:SHOWN]}"
    if taken := [one.attempt_id for one in candidates if one.taken_late]:
        yield f"{len(taken)} saves were taken when it was too late: {taken[:SHOWN]}"


def _scores(candidates: Sequence[Candidate]) -> Iterator[str]:
    """All or nothing for each item, from the last acknowledged answers and the keys in the database."""
    stored = Counter(
        (plain(attempt), score, bool(passed))
        for attempt, score, passed in rows("SELECT attempt_id, score, passed FROM score")
    )
    keys = papers()
    expected = Counter((one.attempt_id, *_result(keys.get(one.attempt_id, {}), one)) for one in candidates)
    if stored != expected:
        yield f"scores are {[*(stored - expected)][:SHOWN]} where {[*(expected - stored)][:SHOWN]} were to be"
    for one in candidates:
        told = [(result.get("score"), result.get("passed")) for result in one.results]
        if told != [_result(keys.get(one.attempt_id, {}), one)] * 3:
            yield f"candidates were told {told}"
    graded = Counter(of for (of,) in rows("SELECT object_id FROM audit_entry WHERE action = 'attempt.graded'"))
    if twice := [of for of, times in graded.items() if times > 1]:
        yield f"{len(twice)} attempts were graded twice: {twice[:SHOWN]}"


def _result(paper: dict[int, Item], one: Candidate) -> tuple[int, bool]:
    score = sum(item.points for position, item in paper.items() if set(one.final.get(position, ())) == set(item.right))
    return score, score >= PASS_MARK


def _certificates(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Everybody who passed has one, and their numbers count from 1 without a gap."""
    numbers = sorted(int(number.split("-")[3]) for (number,) in rows("SELECT number FROM certificate"))
    passed = sum(1 for one in candidates if one.results and one.results[0].get("passed"))
    if numbers != list(range(1, passed + 1)):
        yield f"{passed} passed, the numbers of certificates are {numbers}"


def _record(log_path: Path) -> Iterator[str]:
    """Every official row fits its mark, every entry its seal."""
    now: datetime = clock.now()
    audit.seal_all(log_path, now=now)
    report = audit.verify(log_path, now=now)
    if not report.ok:
        yield f"the record is not sound: {report.as_data()['first']}"
