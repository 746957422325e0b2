"""kill -9 of web workers, their master and the worker while a class sits its exam: what was acknowledged counts, once."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from lms.infra.db import reading
from lms.kernel import clock
from tests.factories.exams import Hall, make_candidate, make_hall
from tests.kill.browsers import signed_in
from tests.kill.candidates import Candidate
from tests.kill.processes import Machine, wait_for

SEED = 20261122
CANDIDATES = 12
KILL_EVERY = 0.4
PASS_MARK = 60
PAUSE = 0.2  # between two answers of a candidate at most, so that some twenty kills fall into the exam


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall(now=clock.now())


@pytest.fixture
def candidates(clean: Flask, machine: Machine, hall: Hall) -> Iterator[list[Candidate]]:
    """Half of them know enough to pass."""
    made = [
        Candidate(
            person_id=(person_id := make_candidate(hall, f"考生{number}", now=clock.now()).person_id),
            browser=signed_in(clean, machine.port, person_id),
            rng=random.Random(SEED + number),
            knows=0.9 if number % 2 else 0.2,
            pause=PAUSE,
        )
        for number in range(CANDIDATES)
    ]
    yield made
    for one in made:
        one.browser.close()


@dataclass(frozen=True)
class Item:
    """An item at its place in a paper: what is right, and what that is worth."""

    right: list[str]
    points: int


def rows(statement: str) -> list[Any]:
    """Rows of plain SQL, so that nothing of the platform's own reading and scoring stands between it and this test."""
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
    known: dict[str, dict[int, Item]] = {}

    def right(attempt_id: str, position: int) -> list[str]:
        if attempt_id not in known:
            known.update(papers())
        return known[attempt_id][position].right

    return right


def kill_until_done(machine: Machine, done: Callable[[], bool], draw: random.Random) -> None:
    """A web worker every 0.4 s; the master once, the worker twice, on the way."""
    special = {5: machine.kill_some_worker, 9: machine.kill_web, 14: machine.kill_some_worker}
    tick = 0
    while not done():
        tick += 1
        time.sleep(KILL_EVERY)
        special.pop(tick, lambda: machine.kill_web_worker(draw.choice))()
    assert not special, f"the exam was over after {tick} kills: too few to tell anything"


def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(
    machine: Machine, hall: Hall, candidates: list[Candidate]
) -> None:
    draw = random.Random(SEED)
    machine.start_web()
    machine.add_worker()
    started = time.monotonic()
    with ThreadPoolExecutor(CANDIDATES) as pool:
        right = right_answers()
        sitting = [pool.submit(one.sit, hall.exam_id, right) for one in candidates]
        kill_until_done(machine, lambda: all(one.done() for one in sitting), draw)
        for one in sitting:
            one.result()
    seconds = time.monotonic() - started
    passed = [one for one in candidates if one.results[0]["passed"]]
    wait_for(
        "the certificates of those who passed are valid",
        lambda: rows("SELECT count(*) FROM certificate WHERE status = 'valid'")[0][0] == len(passed),
        pause=0.2,
    )
    machine.stop()

    faults = [fault for one in candidates for fault in one.browser.faults]
    assert not faults, f"{len(faults)} requests were answered with 500: {faults[:3]}"
    each_has_one_attempt_with_a_final_state(candidates)
    acknowledged = every_acknowledged_answer_is_stored(candidates)
    scores_are_those_of_an_independent_scorer(candidates)
    assert 0 < len(passed) < CANDIDATES, "some pass and some fail, or the scores would tell little"
    numbers_are_unique_and_without_a_gap(len(passed))
    sent, repeats = (
        sum(values) for values in zip(*((c.browser.sent, c.browser.repeats) for c in candidates), strict=True)
    )
    print(
        f"mid-exam: kills {machine.kills}, {acknowledged} answers acknowledged by {CANDIDATES} candidates in {seconds:.1f} s,"
        f" {sent} requests of which {repeats} had to be repeated, {sum(one.reopened for one in candidates)} openings,"
        f" {len(passed)} certificates"
    )


def each_has_one_attempt_with_a_final_state(candidates: list[Candidate]) -> None:
    stored = [(plain(person), plain(attempt), number, state) for person, attempt, number, state in
              rows("SELECT person_id, id, attempt_no, state FROM attempt")]  # fmt: skip
    expected = [(str(one.person_id), one.attempt_id, 1, "graded") for one in candidates]
    assert sorted(stored) == sorted(expected), "each person has one attempt, and it is graded"
    for one in candidates:
        assert one.attempts_seen == {one.attempt_id}, "two presses of start opened one attempt"
        assert len(one.results) == 3
        assert one.results.count(one.results[0]) == 3, f"three presses of submit, one answer: {one.results}"


def every_acknowledged_answer_is_stored(candidates: list[Candidate]) -> int:
    """Each save that was answered with 200 is an event with that very value. Returns how many there are."""
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
    assert not lost, f"{len(lost)} acknowledged answers are not in the database: {lost[:5]}"
    for one in candidates:
        assert len(one.final) == 30
    return sum(len(one.acknowledged) for one in candidates)


def scores_are_those_of_an_independent_scorer(candidates: list[Candidate]) -> None:
    """All or nothing for each item, from the oracle's last acknowledged answers and the keys in the database."""
    stored = {plain(attempt): (score, bool(passed)) for attempt, score, passed in
              rows("SELECT attempt_id, score, passed FROM score")}  # fmt: skip
    keys = papers()
    for one in candidates:
        paper = keys[one.attempt_id]
        expected = sum(item.points for position, item in paper.items() if set(one.final[position]) == set(item.right))
        assert stored.get(one.attempt_id) == (expected, expected >= PASS_MARK)
        assert (one.results[0]["score"], one.results[0]["passed"]) == (expected, expected >= PASS_MARK)
    assert len(stored) == len(candidates), "one score for each attempt"
    graded = rows("SELECT object_id FROM audit_entry WHERE action = 'attempt.graded'")
    assert Counter(graded).most_common(1)[0][1] == 1, "an attempt was graded twice"


def numbers_are_unique_and_without_a_gap(certificates: int) -> None:
    numbers = sorted(number for (number,) in rows("SELECT number FROM certificate"))
    assert [int(number.split("-")[3]) for number in numbers] == list(range(1, certificates + 1))


def test_the_database_of_the_exam_is_sound_after_a_kill_of_everything(
    machine: Machine, hall: Hall, candidates: list[Candidate], clean: Flask
) -> None:
    """Web and worker end in the same moment in mid-exam; after the restart the candidate goes on where they were."""
    one = candidates[0]
    machine.start_web()
    machine.add_worker()
    opened = one.browser.send("POST", f"/api/v1/exams/{hall.exam_id}/attempts").json
    path = f"/api/v1/attempts/{opened['attempt_id']}"
    for position in range(1, 6):
        body = {"epoch": opened["epoch"], "client_seq": position, "value": None}
        assert one.browser.send("PUT", f"{path}/answers/{position}", body).status == 200
    machine.kill_everything()
    machine.start_web()
    machine.add_worker()
    with closing(signed_in(clean, machine.port, one.person_id)) as elsewhere:
        found = elsewhere.send("GET", path).json
    assert (found["state"], sorted(map(int, found["answers"]))) == ("open", [1, 2, 3, 4, 5])
    assert one.browser.send("POST", f"{path}/submission").json["state"] == "graded"
