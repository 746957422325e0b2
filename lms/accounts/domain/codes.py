"""Codes that people read from paper or a screen and type in: no letters that look like digits, groups of four."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs without 0 O, 1 I L."""
SIGN_IN_LENGTH = 12
RECOVERY_LENGTH = 10
RECOVERY_CODES = 10
_GROUP = 4


def new_code(length: int) -> str:
    """A random code (59 bits for 12 signs)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def in_groups(code: str) -> str:
    """The code as it is printed: "ABCD-EFGH-JKMN"."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def normal(typed: str) -> str:
    """What somebody typed, in capitals and without whatever stands between the groups."""
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
