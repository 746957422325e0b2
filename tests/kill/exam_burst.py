"""Many people sit an exam at once while web workers, their master and the worker are killed. Promise T1."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from lms.kernel import clock
from tests.factories.exams import Hall, make_another_exam, make_candidate, make_hall, set_bell
from tests.factories.haste import no_waiting_for_the_disk
from tests.kill import exam_oracle as oracle
from tests.kill.browsers import signed_in
from tests.kill.candidates import Candidate
from tests.kill.pages import Page
from tests.kill.processes import Machine, environment, wait_for

SEED = 20261122
KILL_EVERY = 0.5
KILL_EVERY_AT_LEAST = 10.0  # also where hardly anybody is answered
ASKED_BETWEEN = 20  # new requests between two kills: else nobody is answered where workers start slowly
FINAL_STATE_WITHIN = 30.0
BELL_FOR = 10  # of so many candidates one leaves the hand-in to the bell
CLEVER = 5  # of so many candidates one knows enough to pass
NEARLY_ALL = 0.98  # so many have given their last answer at the last kill; from then on nobody takes time to think
SLOW_CLOCK = timedelta(hours=-1)


@dataclass(frozen=True)
class Plan:
    """How many sit, how long they take, when the bell rings for some of them, and how much is killed at least; 0 web workers: nothing."""

    candidates: int
    arrive_within: float  # seconds, once those who wait for the bell have their papers
    pause: float  # seconds between two answers at most
    bell_after: timedelta
    web_workers: int
    masters: int
    workers: int
    patience: float = 120.0  # seconds that a page waits for an answer at most

    def specials(self, machine: Machine) -> dict[int, Callable[[], None]]:
        """What is killed instead of a web worker, by the number of the kill: spread over the first part of the exam."""
        least = self.web_workers
        masters = {least * number // (self.masters + 1): machine.kill_web for number in range(1, self.masters + 1)}
        workers = {
            least * number // (self.workers + 1) + 1: machine.kill_some_worker for number in range(1, self.workers + 1)
        }
        return masters | workers


@dataclass
class Burst:
    """An exam that is about to be held."""

    machine: Machine
    plan: Plan
    candidates: list[Candidate]
    bell: Hall
    last_kill: float = 0.0

    def hold(self) -> list[str]:
        """The exam under kills, to its end. Returns what is wrong with it."""
        now = clock.now()
        set_bell(self.bell, rings_at=now + self.plan.bell_after, now=now)
        started = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            sitting = pool.submit(asyncio.run, _everybody(self.candidates, oracle.keys_by_stem()))
            if self.plan.web_workers:
                self._kill_until_nearly_all_have_answered()
            faults = sitting.result()
        if self.plan.web_workers:
            faults += [
                f"no final state of {one.attempt_id} within {FINAL_STATE_WITHIN:.0f} s"
                for one in self.candidates
                if one.ended - self.last_kill > FINAL_STATE_WITHIN
            ]
        faults += oracle.faults(self.candidates)
        self._tell(time.monotonic() - started)
        return faults

    def _kill_until_nearly_all_have_answered(self) -> None:
        # Where a worker takes longer to start than the next kill is away, no paper came before the bell.
        wait_for(
            "those who wait for the bell have their papers",
            lambda: all(one.began.is_set() for one in self.candidates if not one.hands_in),
            seconds=self.plan.patience,
            pause=0.05,
        )
        draw, tick, following, asked = random.Random(SEED), 0, time.monotonic(), self._asked()
        special = self.plan.specials(self.machine)
        while not self._nearly_all_have_answered():
            tick, following = tick + 1, max(following + KILL_EVERY, time.monotonic())
            time.sleep(max(0.0, following - time.monotonic()))
            asked = self._let_some_be_answered(asked)
            special.pop(tick, lambda: self.machine.kill_web_worker(draw.choice))()
        for one in self.candidates:
            one.pause = 0.0
        self.machine.kill_some_worker()
        self.machine.kill_web_worker(draw.choice)
        self.last_kill = time.monotonic()

    def _let_some_be_answered(self, asked: int) -> int:
        """Waits for ASKED_BETWEEN new requests, not for ever. Returns how many there are."""
        latest = time.monotonic() + KILL_EVERY_AT_LEAST
        while (now := self._asked()) < asked + ASKED_BETWEEN and time.monotonic() < latest:
            if self._nearly_all_have_answered():
                break
            time.sleep(0.05)
        return now

    def _nearly_all_have_answered(self) -> bool:
        done = sum(one.answered or one.ended > 0 for one in self.candidates)
        return done >= NEARLY_ALL * len(self.candidates)

    def _asked(self) -> int:
        """Requests so far, without repetitions: it grows only while somebody is answered."""
        return sum(one.page.sent - one.page.repeats for one in self.candidates)

    def _tell(self, seconds: float) -> None:
        all_of = self.candidates
        after = max(one.ended for one in all_of) - self.last_kill if self.last_kill else 0.0
        print(
            f"exam of {len(all_of)}: {seconds:.1f} s, kills {self.machine.kills},"
            f" {sum(len(one.acknowledged) for one in all_of)} answers acknowledged,"
            f" {sum(one.page.sent for one in all_of)} requests of which {sum(one.page.repeats for one in all_of)} repeated,"
            f" {sum(one.reopened for one in all_of)} openings, {oracle.passed(all_of)} passed,"
            f" {sum(not one.hands_in for one in all_of)} handed in by the clock,"
            f" last final state {after:.1f} s after the last kill"
        )


def prepare(app: Flask, machine: Machine, plan: Plan, *, defect: str = "") -> Burst:
    """The hall, its candidates with open sessions, and the processes; the web server with a planted `defect` if need be."""
    with no_waiting_for_the_disk():
        now = clock.now()
        hall = make_hall(now=now, varied_keys=True)
        bell = make_another_exam(hall, now=now)
        candidates = [_candidate(app, machine, plan, hall, bell, number) for number in range(plan.candidates)]
    machine.start_web(defect=defect)
    machine.add_worker()
    return Burst(machine, plan, candidates, bell)


def _candidate(app: Flask, machine: Machine, plan: Plan, hall: Hall, bell: Hall, number: int) -> Candidate:
    rng, waits = random.Random(SEED + number), number % BELL_FOR == BELL_FOR - 1
    place = bell if waits else hall
    person_id = make_candidate(place, f"考生{number}", now=clock.now()).person_id
    browser = signed_in(app, machine.port, person_id)
    return Candidate(
        person_id=person_id,
        exam_id=place.exam_id,
        page=Page(browser, rng, ahead=SLOW_CLOCK if waits else timedelta(), patience=plan.patience),
        rng=rng,
        knows=0.9 if number % CLEVER == 0 else 0.2,
        pause=plan.pause,
        arrives=0.0 if waits else rng.uniform(0, plan.arrive_within),
        hands_in=not waits,
    )


async def _everybody(candidates: Sequence[Candidate], right: Mapping[str, list[str]]) -> list[str]:
    """All sit at once, those who wait for the bell first: it must not ring before they have a paper.

    Returns what was answered as it must not be.
    """
    first = [one for one in candidates if not one.hands_in]
    sittings = (_to_the_end(one, right, first if one.hands_in else []) for one in candidates)
    ends = await asyncio.gather(*sittings, return_exceptions=True)
    return [f"{one.attempt_id}: {end!r}" for one, end in zip(candidates, ends, strict=True) if end is not None]


async def _to_the_end(one: Candidate, right: Mapping[str, list[str]], first: Sequence[Candidate]) -> None:
    try:
        for other in first:
            await other.began.wait()
        await one.sit(right)
    finally:
        one.began.set()
        one.ended = time.monotonic()
        one.page.close()


def hold_and_judge(app: Flask, machine: Machine, plan: Plan) -> None:
    """The whole of T1: the exam, its certificates and the record of it."""
    burst = prepare(app, machine, plan)
    faults = burst.hold()
    assert not faults, f"{len(faults)} faults: {faults[:5]}"
    kills = machine.kills
    least = {"web worker": plan.web_workers, "web master": plan.masters, "worker": plan.workers}
    assert all(kills[kind] >= number for kind, number in least.items()), f"too few kills to tell anything: {kills}"
    assert 0 < oracle.passed(burst.candidates) < plan.candidates, (
        "some pass and some fail, or the scores would tell little"
    )
    _certificates_become_valid(oracle.passed(burst.candidates))
    machine.stop()
    assert _audit_finds(machine) == {}


def _certificates_become_valid(passed: int) -> None:
    """Waits until the worker has sealed them all."""
    wait_for(
        "the certificates of those who passed are valid",
        lambda: oracle.rows("SELECT count(*) FROM certificate WHERE status = 'valid'")[0][0] == passed,
        seconds=60 + passed,
        pause=0.2,
    )


def _audit_finds(machine: Machine) -> dict[str, int]:
    """What `lms audit verify` counts as wrong."""
    verify = [sys.executable, "-m", "lms", "audit", "verify", "--json"]
    done = subprocess.run(verify, env=environment(machine.settings), capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert (done.returncode == 0) == report["ok"]
    assert report["checked"]["audit"] > 0, report
    return dict(report["counts"])
