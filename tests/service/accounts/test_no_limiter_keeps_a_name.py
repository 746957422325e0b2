"""What is typed as a user name may be an ID number: the limiter of forgotten passwords keeps a digest of it."""

from flask import Flask

from lms.accounts.service import codes, tries
from lms.infra import ratelimit
from tests.factories.certificates import NOW
from tests.factories.qualification import id_number_of
from tests.service.accounts.test_registering import POLICY


def test_no_limiter_keeps_what_was_typed(clean: Flask) -> None:
    number = id_number_of(1)
    codes.ask(number, policy=POLICY, address="1.2.3.4", now=NOW)
    kept = repr(vars(ratelimit._limiter.storage))
    assert tries.guard_key(number) not in number
    assert number not in kept, kept
