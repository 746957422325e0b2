"""Who watches in the tests of this folder."""

import pytest

from tests.unit.learning.watching import Person


@pytest.fixture
def person() -> Person:
    """Somebody with a ten-minute video, at nine o'clock."""
    return Person()
