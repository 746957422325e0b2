"""The database repeats the rules of training elsewhere: whatever writes to it, hours need an approval one level up."""

from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DatabaseError

from lms.hours.domain.targets import Ledger
from lms.hours.service import Claim, credit_claims
from lms.infra.db import unit_of_work
from lms.offline import service
from lms.offline.domain.workflow import Act
from lms.offline.models import OutsideHandRow, OutsideTraineeRow, OutsideTrainingRow
from tests.factories.outside import FACTS, Office, draft, submitted
from tests.factories.people import NOW


def write(training_id: UUID, **values: object) -> None:
    with unit_of_work() as session:
        session.execute(update(OutsideTrainingRow).where(OutsideTrainingRow.id == training_id).values(values))


def decided(office: Office, by: UUID) -> dict[str, object]:
    return {"state": "approved", "decided_by": by, "decided_at": NOW}


@pytest.mark.parametrize("who", ["clerk", "one", "two"])
def test_nobody_without_a_role_above_and_nobody_concerned_approves(office: Office, who: str) -> None:
    training_id = submitted(office)
    with pytest.raises(DatabaseError):
        write(training_id, **decided(office, getattr(office, who).person_id))


def test_nobody_who_had_a_hand_in_it_approves_and_their_hand_is_kept(office: Office) -> None:
    training_id = draft(office)
    service.edit(training_id, FACTS, by=office.deciding, now=NOW)
    service.submit(training_id, by=office.entering, now=NOW)
    with pytest.raises(DatabaseError, match="no hand in it"):
        write(training_id, **decided(office, office.province.person_id))
    mine = OutsideHandRow.person_id == office.province.person_id
    for statement in (delete(OutsideHandRow).where(mine), update(OutsideHandRow).where(mine).values(training_id=None)):
        with pytest.raises(DatabaseError, match="is kept"), unit_of_work() as session:
            session.execute(statement)


def test_a_role_above_approves(office: Office) -> None:
    training_id = submitted(office)
    write(training_id, **decided(office, office.province.person_id))


def test_a_draft_is_not_approved(office: Office) -> None:
    training_id = draft(office)
    with pytest.raises(DatabaseError):
        write(
            training_id,
            **decided(office, office.province.person_id),
            submitted_by=office.clerk.person_id,
            submitted_at=NOW,
        )


def test_nothing_is_handed_in_without_its_proof(office: Office) -> None:
    training_id = draft(office, proof=False)
    with pytest.raises(DatabaseError):
        write(training_id, state="submitted", submitted_by=office.clerk.person_id, submitted_at=NOW)


@pytest.mark.parametrize(
    "values", [{"hours": 100}, {"title": "另一个"}, {"state": "draft"}, {"proof_sha256": "0" * 64}]
)
def test_what_was_decided_never_changes(office: Office, values: dict[str, object]) -> None:
    training_id = submitted(office)
    service.decide(training_id, Act.APPROVE, "", by=office.deciding, now=NOW)
    with pytest.raises(DatabaseError):
        write(training_id, **values)


def test_its_place_in_the_tree_may_follow(office: Office) -> None:
    training_id = submitted(office)
    service.decide(training_id, Act.APPROVE, "", by=office.deciding, now=NOW)
    write(training_id, unit_path="/elsewhere/")


def test_a_training_is_kept(office: Office) -> None:
    training_id = draft(office)
    with pytest.raises(DatabaseError), unit_of_work() as session:
        session.execute(delete(OutsideTrainingRow).where(OutsideTrainingRow.id == training_id))


@pytest.mark.parametrize("act", ["add", "change", "remove"])
def test_people_stay_once_it_was_handed_in(office: Office, act: str) -> None:
    training_id = submitted(office, "王建国")
    mine = (OutsideTraineeRow.training_id == training_id, OutsideTraineeRow.person_id == office.one.person_id)
    statement = {
        "add": insert(OutsideTraineeRow).values(training_id=training_id, person_id=office.two.person_id, hours=400),
        "change": update(OutsideTraineeRow).where(*mine).values(hours=400),
        "remove": delete(OutsideTraineeRow).where(*mine),
    }[act]
    with pytest.raises(DatabaseError), unit_of_work() as session:
        session.execute(statement)


@pytest.mark.parametrize(
    ("changes", "approved"),
    [
        pytest.param({}, False, id="NOT_APPROVED"),
        pytest.param({"hours": 9900}, True, id="OTHER_HOURS"),
        pytest.param({"ledger": Ledger.SELF_STUDY}, True, id="OTHER_KIND"),
        pytest.param({"person": "clerk"}, True, id="NOT_LISTED"),
        pytest.param({}, True, id="TWICE"),
    ],
)
def test_the_ledger_takes_what_was_approved_and_nothing_else(
    office: Office, changes: dict[str, object], approved: bool
) -> None:
    training_id = submitted(office)
    if approved:
        service.decide(training_id, Act.APPROVE, "", by=office.deciding, now=NOW)
    person = getattr(office, str(changes.get("person", "one")))
    claim = Claim(
        person.person_id,
        str(changes.get("ledger", "centralized")),
        "offline",
        training_id,
        FACTS.title,
        int(str(changes.get("hours", FACTS.hours))),
        NOW,
        office.land.unit.id,
        office.land.unit.path,
    )
    with pytest.raises(DatabaseError), unit_of_work() as session:
        credit_claims(session, [claim], now=NOW)
