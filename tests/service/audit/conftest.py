"""The tree of units and people with accounts that these tests start from, and a log of heads of their own."""

from pathlib import Path

import pytest

from tests.factories.accounts import learner_account, make_account
from tests.factories.certificates import land

__all__ = ["land", "learner_account", "make_account"]


@pytest.fixture
def seal_log(tmp_path: Path) -> Path:
    """Where the heads of a test's seals go."""
    return tmp_path / "seals.log"
