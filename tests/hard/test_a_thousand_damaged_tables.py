"""The long form of the damaged tables: each of a thousand is read or refused by its own process, in time."""

import time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lms.infra.spreadsheet import SpreadsheetRefused, read_table
from tests.unit.infra.tables import MUTATIONS, PARTS, Mutation, mutated


@pytest.mark.hard
@given(part=st.sampled_from(PARTS), changes=MUTATIONS)
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_table_is_read_or_refused_in_time(part: str, changes: list[Mutation]) -> None:
    began = time.monotonic()
    try:
        read_table(mutated(part, changes), "名册.xlsx")
    except SpreadsheetRefused as refused:
        assert len(str(refused.detail) % refused.extra) <= 200
    assert time.monotonic() - began < 7
