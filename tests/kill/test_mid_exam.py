"""kill -9 of web workers, their master and the worker while people sit their exam: what was acknowledged counts, once."""

from contextlib import closing
from datetime import timedelta

from flask import Flask

from lms.kernel import clock
from tests.factories.exams import make_candidate, make_hall
from tests.kill.browsers import signed_in
from tests.kill.exam_burst import Plan, hold_and_judge
from tests.kill.processes import Machine

QUICK = Plan(
    candidates=100,
    arrive_within=2.0,
    pause=0.8,
    bell_after=timedelta(seconds=25),
    web_workers=24,
    masters=1,
    workers=2,
)


def test_t1_nothing_acknowledged_is_lost_and_nothing_counts_twice(clean: Flask, machine: Machine) -> None:
    """The quick form; tests/hard has the full one."""
    hold_and_judge(clean, machine, QUICK)


def test_the_database_of_the_exam_is_sound_after_a_kill_of_everything(machine: Machine, clean: Flask) -> None:
    """Web and worker end in the same moment in mid-exam; after the restart the candidate goes on where they were."""
    hall = make_hall(now=clock.now())
    person_id = make_candidate(hall, now=clock.now()).person_id
    machine.start_web()
    machine.add_worker()
    with closing(signed_in(clean, machine.port, person_id)) as browser:
        opened = browser.send("POST", f"/api/v1/exams/{hall.exam_id}/attempts").json
        path = f"/api/v1/attempts/{opened['attempt_id']}"
        for position in range(1, 6):
            body = {"epoch": opened["epoch"], "client_seq": position, "value": None}
            assert browser.send("PUT", f"{path}/answers/{position}", body).status == 200
        machine.kill_everything()
        machine.start_web()
        machine.add_worker()
        with closing(signed_in(clean, machine.port, person_id)) as elsewhere:
            found = elsewhere.send("GET", path).json
        assert (found["state"], sorted(map(int, found["answers"]))) == ("open", [1, 2, 3, 4, 5])
        assert browser.send("POST", f"{path}/submission").json["state"] == "graded"
