"""An item that is far too long is refused at once, without looking it through for numbers."""

import time

import pytest

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.formats.soundness import BOUNDS, faults_of
from tests.factories.people import post
from tests.web.questionbank.conftest import Desk
from tests.web.questionbank.test_the_editor import HOME, fields

LONG = "1 " * 150_000  # 300,000 signs of the 2 MiB that a form may have; a stem may have 20,000


def test_a_stem_that_is_too_long_is_refused_at_once(desk: Desk) -> None:
    begun = time.process_time()
    answer = post(desk.author, f"{HOME}/items", fields(stem=LONG))
    assert answer.status_code == 422
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("stem", [LONG, "① " * 50_000])
def test_its_faults_are_found_at_once(stem: str) -> None:
    assert len(stem) > BOUNDS.stem
    begun = time.process_time()
    assert faults_of(ExchangeItem(Kind.SHORT_ANSWER, stem))
    assert time.process_time() - begun < 2
