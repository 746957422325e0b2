"""A machine over watching: leases, beats, presence, withdrawals and the year's end in any order, with deaths in between."""

from tests.factories.lease_machine.machine import LeaseMachine

__all__ = ["LeaseMachine"]
