"""The long form of the machine over attempts: 500 runs of 50 steps."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.attempt_machine import AttemptMachine

LONG = settings(max_examples=500, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.hard
def test_attempts_stay_sound_in_five_hundred_long_runs(clean: Flask) -> None:
    run_state_machine_as_test(AttemptMachine, settings=LONG)
