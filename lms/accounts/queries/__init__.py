"""Reads people and accounts."""

from lms.accounts.queries.credentials import Credentials, credentials
from lms.accounts.queries.people import Person, lock_person, names, person, person_of_username

__all__ = ["Credentials", "Person", "credentials", "lock_person", "names", "person", "person_of_username"]
