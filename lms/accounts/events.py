"""What accounts announce, inside the unit of work that changed them."""

from blinker import signal

account_ending = signal("account_ending")
"""Sent with person_id=… and at=… before an account is disabled, closed or merged: a receiver that can't do without it raises."""
account_disabled = signal("account_disabled")
"""Sent with person_id=… and at=…: whatever the person has open ends now."""
signed_out = signal("signed_out")
"""Sent with session_ids=… and at=…: somebody ended sign-ins; one that idled away says nothing, for its page plays on."""
identity_confirmed = signal("identity_confirmed")
"""Sent with person_id=… and at=…: the person's identity is now confirmed by their unit or by their ID number."""
person_moved = signal("person_moved")
"""Sent with session=…, person_id=… and at=…: the person, and whoever turned out to be them, is listed under another unit now."""
people_joined = signal("people_joined")
"""Sent with kept_id=…, gone_id=…, at=… and actor_id=…: two people were one; from now on reads use the records of both."""
in_office = signal("in_office")
"""A question, sent with session=…, person_id=…, just_taken=… and at=…: whether the person holds a role or will hold one, and,
`just_taken`, whether somebody took one from them within a day."""
could_give_all = signal("could_give_all")
"""A question, sent with session=…, giver_id=…, person_id=… and at=…: whether one person could give every role of the other."""
givers_of_roles = signal("givers_of_roles")
"""A question, sent with session=…, person_ids=… and since=…: who gave any of these people a role after that moment, as a frozenset."""
personal_data = signal("personal_data")
"""Sent with session=… and person_id=… to gather a person's copy of their data: each receiver returns (section, rows as plain data)."""
