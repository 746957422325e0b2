"""Whatever is done to units, people, roles and sign-ins, in any order and with crashes in between, leaves them sound."""

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.account_machine import AccountMachine, in_haste

QUICK = settings(
    max_examples=12, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_accounts_stay_sound_whatever_is_done_to_them(clean: Flask) -> None:
    with in_haste():
        run_state_machine_as_test(AccountMachine, settings=QUICK)
