"""A proposal that waits since before a move neither shows itself to the new union nor stands in its way."""

from uuid import UUID

from flask import Flask

from lms.accounts.models import JoinProposalRow
from lms.accounts.service import joining, memberships
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, make_land, make_person, post, signed_in


def test_a_waiting_proposal_of_the_old_union_tells_nothing_in_the_new_one(clean: Flask) -> None:
    land = make_land()
    chief, old, new = (
        make_admin(land.national, "全国"),
        make_admin(land.other_province, "原省管理员"),
        make_admin(land.province, "新省"),
    )
    answers = []
    for name, asked_before in (("甲某", False), ("乙某", True)):
        stays = make_person(land.other_unit, name)
        moves = make_person(land.other_unit, name)
        here = make_person(land.unit, name)
        if asked_before:
            joining.propose(
                stays.person_id, moves.person_id, by=at_work(old, land.other_province), reason="同一人", now=NOW
            )
        memberships.move(
            moves.person_id, land.unit.id, from_on=NOW.date(), by=at_work(chief, land.national), reason="调动", now=NOW
        )
        admin = signed_in(clean, new)
        sent = post(
            admin,
            f"/staff/people/{here.person_id}/joining/{moves.person_id}",
            {"reason": "同一人", "step": "2", "sure": "y"},
        )
        answers.append((sent.status_code, "已有合并申请" in sent.text))
    assert answers[0] == answers[1], answers


def test_a_unit_ends_no_proposal_of_its_province(clean: Flask) -> None:
    land = make_land()
    province, unit = make_admin(land.province, "省管理员"), make_admin(land.unit, "单位管理员")
    stays, goes, third = (make_person(one, "同名") for one in (land.province, land.unit, land.unit))
    made = joining.propose(
        stays.person_id, goes.person_id, by=at_work(province, land.province), reason="省里已核实", now=NOW
    )
    admin = signed_in(clean, unit)
    assert admin.get(f"/staff/people/joinings/{made}").status_code == 404
    sent = {"reason": "同一人", "step": "2", "sure": "y"}
    assert post(admin, f"/staff/people/{third.person_id}/joining/{goes.person_id}", sent).status_code == 409
    assert state_of(made) == "open"


def test_it_ends_when_the_unit_of_one_of_the_two_moves(clean: Flask) -> None:
    land = make_land()
    province = at_work(make_admin(land.province, "省管理员"), land.province)
    stays, goes, here, same = (make_person(one, "同名") for one in (land.province, land.unit, land.unit, land.unit))
    apart = joining.propose(stays.person_id, goes.person_id, by=province, reason="同一人", now=NOW)
    together = joining.propose(here.person_id, same.person_id, by=province, reason="同一人", now=NOW)
    units.move(land.unit.id, land.other_province.id, units.Act(None, "划转", NOW, EVERYWHERE))
    assert (state_of(apart), state_of(together)) == ("withdrawn", "open")


def test_a_merger_of_a_third_unit_leaves_it_alone(clean: Flask) -> None:
    land = make_land()
    third = units.add_unit(parent_id=land.province.id, name="丙工会", kind="unit", reach=EVERYWHERE, now=NOW)
    one, other, moved = (make_person(at, "同名") for at in (land.unit, land.province, third))
    province = at_work(make_admin(land.province, "省管理员"), land.province)
    made = joining.propose(other.person_id, one.person_id, by=province, reason="同一人", now=NOW)
    left = joining.propose(other.person_id, moved.person_id, by=province, reason="同一人", now=NOW)
    units.merge(third.id, land.unit.id, units.Act(None, "合并", NOW, EVERYWHERE))
    assert (state_of(made), state_of(left)) == ("open", "withdrawn")


def state_of(proposal_id: UUID) -> str:
    with reading() as session:
        return session.get_one(JoinProposalRow, proposal_id).state
