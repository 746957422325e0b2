"""Owns figures over units: where each person stands in a year, how many of a unit reached their targets, reminders to the others.

It does not own the hours: all its figures can be thrown away and counted again from the ledger and the people, and a
reconciliation proves that they are what counting again would give.
"""
