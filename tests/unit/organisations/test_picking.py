"""What somebody says of where they belong is a listed unit, an unlisted one with its nearest union, or not clear yet."""

from uuid import UUID

import pytest

from lms.organisations.domain import picking
from lms.organisations.domain.picking import Answers, Listed, Open, Unlisted

ID = "019ca869-5000-7609-aba5-45ff0baea09b"
OTHER = "019ca869-5000-7609-aba5-45ff0baea09c"


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (Answers(unit_id=ID), Listed(UUID(ID))),
        (Answers(unit_id=ID, unlisted_name="晨光", parent_id=OTHER), Listed(UUID(ID))),
        (Answers(), Open({"unit_id": picking.CHOOSE})),
        (Answers(unit_id="x"), Open({"unit_id": picking.CHOOSE})),
        (Answers(unlisted=True, unlisted_name=" 晨光 厂 ", parent_id=OTHER), Unlisted("晨光 厂", UUID(OTHER))),
        (
            Answers(unit_id=ID, unlisted=True, unlisted_name="晨光", parent_id=OTHER),
            Unlisted("晨光", UUID(OTHER)),
        ),
        (Answers(unlisted=True, parent_id=OTHER), Open({"unlisted_name": picking.NAME_NEEDED})),
        (Answers(unlisted=True, unlisted_name="（）", parent_id=OTHER), Open({"unlisted_name": picking.NAME_NEEDED})),
        (
            Answers(unlisted=True, unlisted_name="长" * 121, parent_id=OTHER),
            Open({"unlisted_name": picking.NAME_TOO_LONG}),
        ),
        (Answers(unlisted=True, unlisted_name="晨光"), Open({"parent_id": picking.PARENT_NEEDED})),
        (
            Answers(unlisted=True),
            Open({"unlisted_name": picking.NAME_NEEDED, "parent_id": picking.PARENT_NEEDED}),
        ),
    ],
)
def test_the_outcome(answers: Answers, outcome: object) -> None:
    assert picking.decide(answers) == outcome
