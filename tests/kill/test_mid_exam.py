"""kill -9 of web workers, their master and the worker while a class sits its exam: what was acknowledged counts, once. Promise T1."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass

import pytest
from flask import Flask

from lms.kernel import clock
from lms.settings import Settings
from tests.factories.exams import Hall, make_candidate, make_hall
from tests.kill import oracle
from tests.kill.browsers import signed_in
from tests.kill.candidates import Candidate
from tests.kill.processes import Machine, wait_for

SEED = 20261122
NEARLY_ALL = 0.95  # of the candidates are through when the killing ends
FINAL_WITHIN = 30.0  # seconds after the last kill


@dataclass(frozen=True)
class Burst:
    """A class that sits its exam, and the kills of its time; every `passing`-th candidate knows enough."""

    candidates: int
    kill_every: float  # seconds from one web worker to the next
    pause: float  # seconds between two answers of a candidate, at most
    arrive_within: float  # seconds in which they all press start
    web_processes: int
    masters: int
    workers: int
    least_kills: int  # of web workers, or the test says nothing
    passing: int
    patience: float  # seconds until the last certificate has its file


QUICK = Burst(
    candidates=100,
    kill_every=0.5,
    pause=0.3,
    arrive_within=3,
    web_processes=2,
    masters=1,
    workers=2,
    least_kills=15,
    passing=8,
    patience=120,
)
WHOLE = Burst(
    candidates=1_000,
    kill_every=0.5,
    pause=16.0,  # so that two cores keep up with them, with this test and with workers that are always fresh
    web_processes=4,
    arrive_within=60,
    masters=3,
    workers=10,
    least_kills=150,
    passing=20,
    patience=600,
)


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall(now=clock.now())


@pytest.fixture
def seated(clean: Flask, machine: Machine, hall: Hall) -> Iterator[Callable[[Burst], list[Candidate]]]:
    """Makes the candidates of a burst, signed in; their connections are closed at the end."""
    made: list[Candidate] = []

    def seat(burst: Burst) -> list[Candidate]:
        for number in range(burst.candidates):
            person_id = make_candidate(hall, f"考生{number}", now=clock.now()).person_id
            browser = signed_in(clean, machine.port, person_id)
            knows = 0.9 if number % burst.passing == 0 else 0.2
            made.append(
                Candidate(person_id, browser, random.Random(SEED + number), knows, burst.pause, burst.arrive_within)
            )
        return made

    yield seat
    for one in made:
        one.browser.close()


def kill_until(done: threading.Event, machine: Machine, burst: Burst) -> float:
    """Kills by the plan of the burst, masters and workers spread over its web workers. Returns when the last kill was."""
    draw = random.Random(SEED)
    other = [machine.kill_web] * burst.masters + [machine.kill_some_worker] * burst.workers
    draw.shuffle(other)
    every = burst.least_kills // (len(other) + 1)
    tick, last = 0, time.monotonic()
    while not done.wait(burst.kill_every) or other:
        tick += 1
        if other and tick % every == 0:
            other.pop()()
        machine.kill_web_worker(draw.choice)
        last = time.monotonic()
    killed = machine.kills.get("web worker", 0)
    assert killed >= burst.least_kills and not other, (
        f"the exam was over after {machine.kills}: too few to tell anything"
    )
    return last


def sit(machine: Machine, hall: Hall, candidates: list[Candidate], burst: Burst) -> float:
    """Everybody sits the exam at once while processes die, until NEARLY_ALL are through.

    Returns how long after the last kill the last one was through, in seconds.
    """
    nearly = threading.Event()
    right = oracle.right_answers()
    with ThreadPoolExecutor(burst.candidates + 1) as pool:
        killing = pool.submit(kill_until, nearly, machine, burst)
        sitting = [pool.submit(one.sit, hall.exam_id, right) for one in candidates]
        try:
            for through, one in enumerate(as_completed(sitting), start=1):
                one.result()
                if through >= NEARLY_ALL * burst.candidates:
                    nearly.set()
        finally:
            nearly.set()
        last = killing.result()
    return max(one.done_at for one in candidates) - last


def hold(machine: Machine, settings: Settings, hall: Hall, candidates: list[Candidate], burst: Burst) -> None:
    machine.web_processes = burst.web_processes
    machine.start_web()
    machine.add_worker()
    started = time.monotonic()
    late = sit(machine, hall, candidates, burst)
    seconds = time.monotonic() - started
    passed = sum(one.results[0]["passed"] for one in candidates)
    wait_for(
        "the certificates of those who passed are valid",
        lambda: oracle.rows("SELECT count(*) FROM certificate WHERE status = 'valid'")[0][0] == passed,
        seconds=burst.patience,
        pause=0.2,
    )
    machine.stop()
    faults = oracle.faults(candidates, settings.seal_log_path)
    assert not faults, "\n".join(faults)
    assert 0 < passed < len(candidates), "some pass and some fail, or the scores would tell little"
    assert late <= FINAL_WITHIN, f"the last candidate was through {late:.0f} s after the last kill"
    sent, repeats = sum(one.browser.sent for one in candidates), sum(one.browser.repeats for one in candidates)
    print(
        f"mid-exam: kills {machine.kills}, {oracle.acknowledged(candidates)} answers acknowledged by"
        f" {len(candidates)} candidates in {seconds:.1f} s, {sent} requests of which {repeats} had to be repeated,"
        f" {sum(one.reopened for one in candidates)} openings, {passed} certificates"
    )


def test_t1_nothing_acknowledged_is_lost_and_nothing_counts_twice(
    machine: Machine, settings: Settings, hall: Hall, seated: Callable[[Burst], list[Candidate]]
) -> None:
    hold(machine, settings, hall, seated(QUICK), QUICK)


@pytest.mark.hard
def test_t1_a_thousand_candidates_lose_nothing(
    machine: Machine, settings: Settings, hall: Hall, seated: Callable[[Burst], list[Candidate]]
) -> None:
    hold(machine, settings, hall, seated(WHOLE), WHOLE)


def test_the_database_of_the_exam_is_sound_after_a_kill_of_everything(
    machine: Machine, hall: Hall, seated: Callable[[Burst], list[Candidate]], clean: Flask
) -> None:
    """Web and worker end in the same moment in mid-exam; after the restart the candidate goes on where they were."""
    one, *_ = seated(Burst(1, 0, 0, 0, 0, 0, 0, 0, 1, 0))
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
