"""Whoever is refused a page, or asks for what is not theirs, leaves a trace; whoever finds no page does not."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.audit.service.refusals import KEPT_AN_HOUR
from lms.infra.db import reading
from lms.kernel import ids
from tests.web.organisations.conftest import Office, office

__all__ = ["office"]


def kept() -> list[tuple[str, str, int]]:
    with reading() as session:
        rows = session.execute(
            select(AuditEntryRow.object_id, AuditEntryRow.result, AuditEntryRow.details)
            .where(AuditEntryRow.action == "access.refused")
            .order_by(AuditEntryRow.id)
        )
        return [(row.object_id, row.result, row.details["status"]) for row in rows]


def test_a_page_that_no_role_opens(office: Office) -> None:
    assert office.learner.get("/staff/people").status_code == 403
    assert kept() == [("accounts_staff.people", "refused", 403)]


def test_a_thing_of_somebody_else_and_one_that_never_was_leave_the_same(office: Office) -> None:
    for unit_id in (office.land.other_unit.id, ids.new_secret_id()):
        assert office.admin.get(f"/staff/units/{unit_id}").status_code == 404
    assert kept() == [("organisations_staff.unit_page", "refused", 404)] * 2


@pytest.mark.parametrize("address", ["/staff/", "/no-such-page", "/staff/units"])
def test_what_is_let_in_or_is_no_page_leaves_nothing(office: Office, address: str) -> None:
    office.admin.get(address)
    assert kept() == []


def test_a_flood_of_refusals_does_not_fill_the_record(office: Office, client: FlaskClient) -> None:
    for _time in range(KEPT_AN_HOUR + 5):
        office.learner.get("/staff/people")
    client.get("/staff/people")
    assert len(kept()) == KEPT_AN_HOUR
