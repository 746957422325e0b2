"""What is wrong after an exam, by what its candidates saw and the rows in the database; the platform's own reading has no part in it.

Each question of the oracle gives the faults that it found, one line each; nothing is asserted here, so that planted defects can
be looked for as well.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lms.infra.db import reading
from tests.kill.candidates import Candidate

PASS_MARK = 60
ROUNDING = timedelta(milliseconds=1)  # SQLite keeps moments in whole milliseconds


def rows(statement: str) -> list[Any]:
    """Rows of plain SQL."""
    with reading() as session:
        return list(session.execute(text(statement)).all())


def decoded(value: Any) -> Any:
    """A JSON column in either database."""
    return json.loads(value) if isinstance(value, str) else value


def plain(value: Any) -> str:
    """An id in either database."""
    return str(UUID(str(value)))


def moment(value: Any) -> datetime:
    """A moment in either database."""
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else value.astimezone(UTC)


def keys_by_stem() -> dict[str, list[str]]:
    """What is right, by the text of the item."""
    return {stem: decoded(answer) for stem, answer in rows("SELECT stem, answer FROM item_version")}


def passed(candidates: Sequence[Candidate]) -> int:
    """How many were told that they have passed."""
    return sum(1 for one in candidates if one.results and one.results[0].get("passed"))


def faults(candidates: Sequence[Candidate]) -> list[str]:
    """Everything that is wrong with an exam that is over."""
    return [
        *requests_that_failed(candidates),
        *attempts_and_states(candidates),
        *answers_lost_or_invented(candidates),
        *answers_out_of_time(candidates),
        *scores(candidates, keys_by_stem()),
        *certificate_numbers(passed(candidates)),
    ]


def requests_that_failed(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Answers with 500."""
    for one in candidates:
        for fault in one.page.faults:
            yield f"answered with 500: {fault}"


def attempts_and_states(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Each person has one attempt, graded, whatever they pressed twice."""
    stored = Counter(
        (plain(person), plain(attempt), number, state)
        for person, attempt, number, state in rows("SELECT person_id, id, attempt_no, state FROM attempt")
    )
    expected = Counter((str(one.person_id), one.attempt_id, 1, "graded") for one in candidates)
    for row, count in (stored - expected).items():
        yield f"double or unfinished: {count} attempt {row}"
    for row in expected - stored:
        yield f"missing: no attempt {row}"
    for one in candidates:
        if one.attempts_seen != {one.attempt_id}:
            yield f"double: two presses of start opened {sorted(one.attempts_seen)}"
        if len(one.results) != (3 if one.hands_in else 1) or one.results.count(one.results[0]) != len(one.results):
            yield f"double: {one.attempt_id} was told {one.results}"


def answers_lost_or_invented(candidates: Sequence[Candidate]) -> Iterator[str]:
    """What was acknowledged is an event with that very value; what is an event was sent, once."""
    stored = {
        (plain(attempt), position, epoch, seq): decoded(value)
        for attempt, position, epoch, seq, value in rows(
            "SELECT attempt_id, position, epoch, client_seq, value FROM answer_event"
        )
    }
    for one in candidates:
        for key, save in one.acknowledged.items():
            if stored.get((one.attempt_id, *key)) != save.value:
                yield f"lost: {one.attempt_id} {key}"
        if one.hands_in and len(one.final) != len(one.questions):
            yield f"lost: {one.attempt_id} has {len(one.final)} answers"
    sent = {(one.attempt_id, *key): save.value for one in candidates for key, save in one.saves.items()}
    for key, value in stored.items():
        if sent.get(key) != value:
            yield f"double or invented: nobody sent {key}"


def answers_out_of_time(candidates: Sequence[Candidate]) -> Iterator[str]:
    """No answer counts after the end of its attempt or after its hand-in; each is stored under the moment at which it came."""
    attempts = {
        plain(attempt): (moment(closes_at), moment(submitted_at))
        for attempt, closes_at, submitted_at in rows("SELECT id, closes_at, submitted_at FROM attempt")
        if submitted_at is not None
    }
    received = {
        (plain(attempt), position, epoch, seq): moment(at)
        for attempt, position, epoch, seq, at in rows(
            "SELECT attempt_id, position, epoch, client_seq, received_at FROM answer_event"
        )
    }
    for one in candidates:
        for key, save in one.saves.items():
            at = received.get((one.attempt_id, *key))
            if at is None or one.attempt_id not in attempts:
                continue
            closes_at, submitted_at = attempts[one.attempt_id]
            if save.sent_at > closes_at + ROUNDING or at > min(closes_at, submitted_at) + ROUNDING:
                yield f"late: {one.attempt_id} {key} sent {save.sent_at}, received {at}, closed {closes_at}"
            if not save.sent_at - ROUNDING <= at <= (save.acknowledged_at or at) + ROUNDING:
                yield f"late: {one.attempt_id} {key} sent {save.sent_at} is said to have come at {at}"


def scores(candidates: Sequence[Candidate], right: Mapping[str, list[str]]) -> Iterator[str]:
    """All or nothing for each item, from the paper as the candidate saw it and the last answers that were acknowledged."""
    stored = Counter(
        (plain(attempt), score, bool(passed))
        for attempt, score, passed in rows("SELECT attempt_id, score, passed FROM score")
    )
    expected: Counter[tuple[str, int, bool]] = Counter()
    for one in candidates:
        score = sum(
            question["points"]
            for position, question in one.questions.items()
            if set(one.final.get(position, ())) == set(right[question["stem"]])
        )
        expected[one.attempt_id, score, score >= PASS_MARK] += 1
        told = {(result.get("score"), result.get("passed")) for result in one.results}
        if told != {(score, score >= PASS_MARK)}:
            yield f"wrong score: {one.attempt_id} earned {score} and was told {told}"
    for row in stored - expected:
        yield f"wrong or double score: {row}"
    for row in expected - stored:
        yield f"missing score: {row}"
    graded = Counter(plain(attempt) for (attempt,) in
                     rows("SELECT object_id FROM audit_entry WHERE action = 'attempt.graded'"))  # fmt: skip
    for attempt, count in graded.items():
        if count > 1:
            yield f"double: {attempt} was graded {count} times"


def certificate_numbers(passed: int) -> Iterator[str]:
    """One for each who passed, numbered without a gap."""
    numbers = sorted(number for (number,) in rows("SELECT number FROM certificate"))
    if [int(number.split("-")[3]) for number in numbers] != list(range(1, passed + 1)):
        yield f"certificates: {passed} passed, numbers are {numbers}"
