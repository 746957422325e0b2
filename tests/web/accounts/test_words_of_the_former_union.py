"""What staff of another union wrote of a person before they moved is for who reaches that union."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from lms.access import service as access
from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.access.models import RoleGrantRow
from lms.accounts.service import closing, disclosures, identity, joining, memberships
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, make_land, make_person, post, signed_in
from tests.factories.qualification import give_number, id_number_of

WHY = "纪检部门调查受处分情况"


def test_why_the_old_union_looked_at_a_number(clean: Flask) -> None:
    land = make_land()
    chief, old, new = (
        make_admin(land.national, "全国"),
        make_admin(land.other_province, "原省管理员"),
        make_admin(land.province, "新省"),
    )
    who = make_person(land.other_unit, "调动者")
    give_number(who.person_id, id_number_of(1))
    sent = post(
        signed_in(clean, old), f"/staff/people/{who.person_id}/id-number/reveal", {"purpose": "file", "reason": WHY}
    )
    assert sent.status_code == 200
    memberships.move(
        who.person_id, land.unit.id, from_on=NOW.date(), by=at_work(chief, land.national), reason="调动", now=NOW
    )
    page = signed_in(clean, new).get(f"/staff/people/{who.person_id}/id-number")
    assert page.status_code == 200
    assert WHY in signed_in(clean, chief).get(f"/staff/people/{who.person_id}/id-number").text
    assert WHY not in page.text


def test_why_the_old_union_thought_two_accounts_one(clean: Flask) -> None:
    land = make_land()
    chief, old, new = (
        make_admin(land.national, "全国"),
        make_admin(land.other_province, "原省管理员"),
        make_admin(land.province, "新省"),
    )
    one, other = make_person(land.other_unit, "调动者"), make_person(land.other_unit, "调动者")
    proposal = joining.propose(
        one.person_id, other.person_id, by=at_work(old, land.other_province), reason=WHY, now=NOW
    )
    joining.refuse(proposal, by=at_work(old, land.other_province), now=NOW)
    for person in (one, other):
        memberships.move(
            person.person_id, land.unit.id, from_on=NOW.date(), by=at_work(chief, land.national), reason="调动", now=NOW
        )
    listed = signed_in(clean, new).get("/staff/people/joinings")
    shown = signed_in(clean, new).get(f"/staff/people/joinings/{proposal}")
    assert (WHY in listed.text, WHY in shown.text) == (False, False)


def test_settling_tells_nothing_of_who_has_left_the_union(clean: Flask) -> None:
    """The union that was named learns not whether somebody who works elsewhere now has closed their account."""
    land = make_land()
    chief, admin = make_admin(land.national, "全国"), signed_in(clean, make_admin(land.province, "省"))
    answers = []
    for name, leaves in (("甲某", False), ("乙某", True)):
        who = make_person(land.province, name)
        request_id = organisations.ask(who.person_id, land.province.id, f"{name}厂工会", now=NOW)
        memberships.move(
            who.person_id,
            land.other_unit.id,
            from_on=NOW.date(),
            by=at_work(chief, land.national),
            reason="调动",
            now=NOW,
        )
        if leaves:
            closing.close(who.person_id, now=NOW)
        form = {"target_id": str(land.unit.id)}
        answers.append(post(admin, f"/staff/unit-requests/{request_id}/settlement", form).status_code)
    assert answers == [303, 303]


def test_why_the_nation_was_asked_for_help(clean: Flask) -> None:
    """A chief of the nation goes to a unit: its administrator reads not what chiefs wrote of them among themselves."""
    land = make_land()
    nation = {roles.UNIT_ADMIN: land.national}
    long_ago = NOW - timedelta(days=9)
    helped, asker, third = (make_person(land.national, n, grants=nation, now=long_ago) for n in ("甲", "乙", "丙"))
    new = make_admin(land.province, "新省")
    request_id = access.ask(helped.person_id, Help.SIGN_IN_CODE, reason=WHY, by=asker, now=NOW)
    access.refuse(request_id, by=asker, now=NOW)
    with reading() as session:
        held = session.execute(select(RoleGrantRow.id).where(RoleGrantRow.person_id == helped.person_id)).scalar_one()
    access.end(held, ender=third, reason="调离", now=NOW)
    memberships.move(
        helped.person_id, land.unit.id, from_on=NOW.date(), by=at_work(asker, land.national), reason="调动", now=NOW
    )
    browser = signed_in(clean, new)
    assert WHY not in browser.get(f"/staff/joint-help/{request_id}").text
    assert str(request_id) not in browser.get("/staff/joint-help").text


def test_what_a_unit_handed_out_before_it_came_and_after_it_left(clean: Flask) -> None:
    """Disclosures of a unit's people follow the unit, as its trainings do: its old province reads them no more, its new one does."""
    land = make_land()
    unit_admin = make_admin(land.unit, "单位")
    disclosures.record("某某审计局", WHY, ["name"], 3, land.unit.path, unit_admin.person_id, NOW)
    organisations.move(land.unit.id, land.other_province.id, organisations.Act(None, "划转", NOW, reach=EVERYWHERE))
    old, new = (
        signed_in(clean, make_admin(land.province, "原省")),
        signed_in(clean, make_admin(land.other_province, "新省")),
    )
    own = signed_in(clean, unit_admin)
    assert own.get(f"/staff/units/{land.unit.id}").status_code == 200
    assert old.get(f"/staff/units/{land.unit.id}").status_code == 404
    shown = [WHY in one.get("/staff/disclosures").text for one in (own, new, old)]
    assert shown == [True, True, False]


def test_who_of_the_old_union_confirmed_an_identity_is_not_named(clean: Flask) -> None:
    land = make_land()
    chief, new = make_admin(land.national, "全国"), make_admin(land.province, "新省")
    old = make_person(land.other_unit, "原单位审核人甲")
    who = make_person(land.other_unit, "调动者").person_id
    identity.confirm(who, by=at_work(old, land.other_unit), reason="查档案", now=NOW)
    memberships.move(who, land.unit.id, from_on=NOW.date(), by=at_work(chief, land.national), reason="调动", now=NOW)
    desk = signed_in(clean, new)
    assert desk.get(f"/staff/people/{old.person_id}").status_code == 404
    page = desk.get(f"/staff/people/{who}")
    assert "原单位审核人甲" not in page.text and "其他工会的管理员" in page.text
    assert "原单位审核人甲" in signed_in(clean, chief).get(f"/staff/people/{who}").text
