"""Which user names there are: short, plain, and no number that says who somebody is."""

import re

from lms.kernel.numbers import tells_a_number

PATTERN = r"^[A-Za-z][A-Za-z0-9_.-]{3,31}$"
"""4 to 32 letters, digits or _ . - that begin with a letter."""


def is_username(text: str) -> bool:
    """Whether a text can be a user name; one that holds an ID or mobile number can't."""
    return re.fullmatch(PATTERN, text) is not None and not tells_a_number(text)
