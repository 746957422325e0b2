"""The machine over attempts, in its short form; the long one is in tests/hard. Promise T5."""

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.attempt_machine import AttemptMachine

SHORT = settings(
    max_examples=4, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_attempts_stay_sound_whatever_comes_in_whatever_order_and_dies_in_between(clean: Flask) -> None:
    run_state_machine_as_test(AttemptMachine, settings=SHORT)
