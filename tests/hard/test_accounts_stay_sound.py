"""The long form of the machine over units, people, roles and sign-ins: 500 runs of 50 steps."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.account_machine import AccountMachine, in_haste

LONG = settings(max_examples=500, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.hard
def test_accounts_stay_sound_in_five_hundred_long_runs(clean: Flask) -> None:
    with in_haste():
        run_state_machine_as_test(AccountMachine, settings=LONG)
