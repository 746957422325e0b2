"""Which user names there are: short, plain, and no number that says who somebody is."""

import re

PATTERN = r"^[A-Za-z][A-Za-z0-9_.-]{3,31}$"
"""4 to 32 letters, digits or _ . - that begin with a letter, so that an ID or mobile number is none."""


def is_username(text: str) -> bool:
    """Whether a text can be a user name."""
    return re.fullmatch(PATTERN, text) is not None
