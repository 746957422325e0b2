"""The tree of units and people with accounts that these tests start from."""

from tests.factories.accounts import learner_account, make_account
from tests.factories.certificates import land
from tests.factories.people import staff

__all__ = ["land", "learner_account", "make_account", "staff"]
