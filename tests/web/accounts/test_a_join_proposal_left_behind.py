"""A proposal that waits since before a move neither shows itself to the new union nor stands in its way."""

from flask import Flask

from lms.accounts.service import joining, memberships
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
