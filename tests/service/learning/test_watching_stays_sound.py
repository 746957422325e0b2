"""The machine over leases, beats, presence, withdrawals and the year's end, in its short form; the long one is in tests/hard. T5."""

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.haste import no_waiting_for_the_disk
from tests.factories.lease_machine import LeaseMachine

SHORT = settings(
    max_examples=6, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_watching_stays_sound_whatever_comes_in_whatever_order_and_dies_in_between(clean: Flask) -> None:
    with no_waiting_for_the_disk():
        run_state_machine_as_test(LeaseMachine, settings=SHORT)
    assert LeaseMachine.counts["died"] and LeaseMachine.counts["completed"], LeaseMachine.counts
