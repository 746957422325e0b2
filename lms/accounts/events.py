"""What accounts announce, inside the unit of work that changed them."""

from blinker import signal

account_disabled = signal("account_disabled")
"""Sent with person_id=… and at=…: whatever the person has open ends now."""
