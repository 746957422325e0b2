"""A hall whose first course can be practised, a learner signed in, and a clock that tests turn."""

import pytest

from tests.factories.exams import Hall, make_candidate, make_hall
from tests.factories.practice import add_practice
from tests.web.exams.conftest import Seat, candidate, seat, take_seat, turn

__all__ = ["Seat", "candidate", "seat", "take_seat", "turn"]


@pytest.fixture
def hall(clean, turn) -> Hall:
    found = make_hall(courses=2)
    add_practice(found)
    return found


@pytest.fixture
def stranger_seat(hall: Hall, take_seat) -> Seat:
    """Somebody else of the class."""
    return take_seat(make_candidate(hall, "李四"))
