"""A set of targets stays on record for good: its title holds nobody's number."""

import pytest
from flask import Flask

from lms.hours import queries, service
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from tests.factories.people import NOW, make_land, make_person
from tests.factories.qualification import id_number_of


@pytest.mark.parametrize("number", [id_number_of(1), "13812345678"])
def test_a_title_with_a_number_decides_nothing(clean: Flask, number: str) -> None:
    requirement = {"ledger": "self_study", "span": "year", "hours": 60, "categories": []}
    plan = {"first_year": 2029, "last_year": 2033, "pro_rata": True, "requirements": [requirement]}
    by = make_person(make_land().national).person_id
    with reading() as session:
        before = len(queries.target_sets(session))
    with pytest.raises(Invalid) as caught:
        service.decide_targets({"title": f"经{number}同意", **plan}, actor_id=by, now=NOW)
    assert number not in str(caught.value.fields)
    with reading() as session:
        assert len(queries.target_sets(session)) == before
    service.decide_targets({"title": "2029 至 2033 年", **plan}, actor_id=by, now=NOW)
