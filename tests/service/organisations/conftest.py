"""The tree of units and people with accounts that these tests start from."""

from tests.factories.accounts import learner_account, make_account
from tests.factories.certificates import land, make_person

__all__ = ["land", "learner_account", "make_account", "make_person"]
