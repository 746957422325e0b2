"""Reads people and accounts."""

from lms.accounts.queries.contacts import Contact, contact, mail_addresses
from lms.accounts.queries.credentials import (
    Credentials,
    SignInCode,
    credentials,
    credentials_of_person,
    earlier_hashes,
    holding_code,
    personal,
    personal_of,
    recovery_codes_left,
)
from lms.accounts.queries.memberships import (
    Membership,
    begun_elsewhere,
    count_at,
    memberships_of,
    open_primary,
    standing_memberships_of_unit,
    units_on,
)
from lms.accounts.queries.people import (
    Person,
    alias_ids,
    aliases,
    lock_person,
    names,
    names_within,
    person,
    person_of_username,
    still_there,
)
from lms.accounts.queries.people_list import Listed, Page, Sought, people_in, people_of_ids, people_page
from lms.accounts.queries.people_profile import Profile, profile
from lms.accounts.queries.people_twins import Pair, likely_pairs
from lms.accounts.queries.sessions import OpenSession, open_sessions

__all__ = [
    "Contact",
    "Credentials",
    "Listed",
    "Membership",
    "OpenSession",
    "Page",
    "Pair",
    "Person",
    "Profile",
    "SignInCode",
    "Sought",
    "alias_ids",
    "aliases",
    "begun_elsewhere",
    "contact",
    "count_at",
    "credentials",
    "credentials_of_person",
    "earlier_hashes",
    "holding_code",
    "likely_pairs",
    "lock_person",
    "mail_addresses",
    "memberships_of",
    "names",
    "names_within",
    "open_primary",
    "open_sessions",
    "people_in",
    "people_of_ids",
    "people_page",
    "person",
    "person_of_username",
    "personal",
    "personal_of",
    "profile",
    "recovery_codes_left",
    "standing_memberships_of_unit",
    "still_there",
    "units_on",
]
