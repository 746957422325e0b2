"""Registers people, signs them in and out, and keeps what is known of them; the rules themselves are in domain/."""

from lms.accounts.service.passwords import hash_password
from lms.accounts.service.policy import (
    CodeNeeded,
    NameLocked,
    Policy,
    SecondFactorMissing,
    TooManyHere,
    WrongCredentials,
)
from lms.accounts.service.registering import Registration, create_person, register
from lms.accounts.service.sign_in import OpenedSession, carried_password, carry_password, sign_in, sign_out
from lms.accounts.service.states import disable

__all__ = [
    "CodeNeeded",
    "NameLocked",
    "OpenedSession",
    "Policy",
    "Registration",
    "SecondFactorMissing",
    "TooManyHere",
    "WrongCredentials",
    "carried_password",
    "carry_password",
    "create_person",
    "disable",
    "hash_password",
    "register",
    "sign_in",
    "sign_out",
]
