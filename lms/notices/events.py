"""What messages ask, inside the unit of work that sends them."""

from blinker import signal

joined_accounts = signal("joined_accounts")
"""A question, sent with session=… and person_ids=…: of those whose account was joined to another, the account that stays."""
