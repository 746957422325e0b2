"""Registers people, signs them in and out, and keeps what is known of them; the rules themselves are in domain/."""

from lms.accounts.service.passwords import hash_password
from lms.accounts.service.policy import (
    Browser,
    CodeNeeded,
    NameLocked,
    Policy,
    TooManyHere,
    WrongCredentials,
    WrongSignInCode,
)
from lms.accounts.service.registering import Registration, create_person, register
from lms.accounts.service.sessions import sign_out
from lms.accounts.service.sign_in import OpenedSession, carried, carry, enter_registered, sign_in
from lms.accounts.service.states import disable

__all__ = [
    "Browser",
    "CodeNeeded",
    "NameLocked",
    "OpenedSession",
    "Policy",
    "Registration",
    "TooManyHere",
    "WrongCredentials",
    "WrongSignInCode",
    "carried",
    "carry",
    "create_person",
    "disable",
    "enter_registered",
    "hash_password",
    "register",
    "sign_in",
    "sign_out",
]
