"""Rules that name a bank are published after whoever reached that bank reaches it no more."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import inspect, select, update

from lms.access import service as access
from lms.access.domain import roles
from lms.access.queries import principal_of_person
from lms.accounts.domain.reach import Staff
from lms.classes.models import TrainingClassRow
from lms.exams.domain.blueprint import BlueprintInvalid, Section
from lms.exams.service import planning
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.permissions import Permission
from lms.questionbank.models import BankRow, ItemVersionRow
from tests.factories.exams import NOW, Hall
from tests.factories.people import make_person


def foreign_bank(hall: Hall) -> str:
    """An exam bank of another province with one published item."""
    with unit_of_work() as session:
        session.add(BankRow(code="X9", title="外省题库", kind="exam", unit_id=hall.land.other_unit.id, created_at=NOW))
        session.flush()
        one = session.execute(
            select(ItemVersionRow).where(ItemVersionRow.bank_code == "C1", ItemVersionRow.type == "single").limit(1)
        ).scalar_one()
        values = {c.key: getattr(one, c.key) for c in inspect(ItemVersionRow).column_attrs}
        new = ids.new_id(NOW)
        values |= {"id": new, "item_id": new, "bank_code": "X9", "ref": "X9-1", "stem": "外省的题", "position": 999}
        session.add(ItemVersionRow(**values))
    return "X9"


def staff_of(person_id: UUID, now: datetime) -> Staff:
    with reading() as session:
        who = principal_of_person(session, person_id, now=now)
    assert who is not None
    return Staff(person_id, access.scopes_for(who, Permission.EXAM_SET))


@pytest.mark.parametrize("ends", ["before_proposing", "before_publishing"])
def test_rules_that_name_a_bank_out_of_reach_are_not_published(hall: Hall, ends: str) -> None:
    bank = foreign_bank(hall)
    land = hall.land
    with unit_of_work() as session:  # a class of one unit
        session.execute(
            update(TrainingClassRow).where(TrainingClassRow.id == hall.class_id).values(unit_id=land.unit.id)
        )
    chief = make_person(land.national, "主席", grants={roles.UNIT_ADMIN: land.national}, now=NOW)
    here = land.unit
    drafter = make_person(land.unit, "拟定人", grants={roles.CLASS_MANAGER: here}, now=NOW).person_id
    other = make_person(land.unit, "发布人", grants={roles.CLASS_MANAGER: here}, now=NOW).person_id
    away = access.appoint(drafter, roles.CLASS_MANAGER, land.other_unit.id, reason="test", now=NOW)
    draft_id = planning.draft_rules(hall.class_id, by=staff_of(drafter, NOW), now=NOW)
    planning.remove_section(draft_id, 1, by=staff_of(drafter, NOW), now=NOW)
    planning.add_section(draft_id, Section("single", 1, 40, (bank,)), by=staff_of(drafter, NOW), now=NOW)
    later = NOW + timedelta(minutes=5)
    if ends == "before_publishing":
        planning.propose_rules(draft_id, "理由", by=staff_of(drafter, NOW), now=NOW)
    access.end(away, ender=chief, reason="离开", now=later)
    with pytest.raises(BlueprintInvalid) as refusal:
        if ends == "before_proposing":
            planning.propose_rules(draft_id, "理由", by=staff_of(drafter, later), now=later)
        else:
            planning.publish_rules(draft_id, by=staff_of(other, later), now=later)
    assert set(refusal.value.fields) == {"sections"} and refusal.value.extra["banks"] == bank


def test_a_drafter_who_reaches_a_bank_may_name_it_and_rules_that_hold_keep_it(hall: Hall) -> None:
    bank, land = foreign_bank(hall), hall.land
    drafter = make_person(land.national, "拟定人", grants={roles.CLASS_MANAGER: land.national}, now=NOW).person_id
    other = make_person(land.national, "发布人", grants={roles.CLASS_MANAGER: land.national}, now=NOW).person_id

    def pass_on(draft_id: UUID) -> None:
        planning.propose_rules(draft_id, "理由", by=staff_of(drafter, NOW), now=NOW)
        planning.publish_rules(draft_id, by=staff_of(other, NOW), now=NOW)

    draft_id = planning.draft_rules(hall.class_id, by=staff_of(drafter, NOW), now=NOW)
    planning.remove_section(draft_id, 1, by=staff_of(drafter, NOW), now=NOW)
    planning.add_section(draft_id, Section("single", 1, 40, (bank,)), by=staff_of(drafter, NOW), now=NOW)
    pass_on(draft_id)
    with unit_of_work() as session:
        session.execute(update(BankRow).where(BankRow.code == bank).values(unit_id=None))
    pass_on(planning.draft_rules(hall.class_id, by=staff_of(drafter, NOW), now=NOW))
