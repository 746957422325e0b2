"""1,000 candidates answer 30 items each while web workers, their master and the worker are killed. Promise T1."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.kill.exam_burst import Plan, hold_and_judge
from tests.kill.processes import Machine

FULL = Plan(
    candidates=1_000,
    arrive_within=20.0,
    pause=10.0,  # a queue longer than what a worker answers before it is killed would never be worked off
    bell_after=timedelta(seconds=150),
    web_workers=150,
    masters=3,
    workers=10,
    patience=600.0,
)


@pytest.mark.hard
def test_t1_a_thousand_candidates_under_kills(clean: Flask, machine: Machine) -> None:
    hold_and_judge(clean, machine, FULL)
