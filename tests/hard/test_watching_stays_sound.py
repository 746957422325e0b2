"""The long form of the machine over leases, beats, presence, withdrawals and the year's end: 500 runs of 50 steps. T5."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.haste import no_waiting_for_the_disk
from tests.factories.lease_machine import LeaseMachine

LONG = settings(max_examples=500, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.hard
def test_watching_stays_sound_in_five_hundred_long_runs(clean: Flask) -> None:
    with no_waiting_for_the_disk():
        run_state_machine_as_test(LeaseMachine, settings=LONG)
    counts = LeaseMachine.counts
    assert min(counts[what] for what in ("died", "asked", "completed", "closed")) > 100, counts
