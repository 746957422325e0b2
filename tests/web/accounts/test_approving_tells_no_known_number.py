"""Approving a correction of an ID number tells nobody that somebody else has that number."""

from flask import Flask

from lms.accounts.domain.corrections import Identity
from lms.accounts.service import corrections, id_numbers
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, make_land, make_person, post, signed_in
from tests.factories.qualification import give_number, id_number_of


def test_a_number_of_another_union_is_approved_like_a_fresh_one(clean: Flask) -> None:
    land = make_land()
    admin = make_admin(land.province, "省")
    elsewhere = make_person(land.other_unit, "外省人")
    give_number(elsewhere.person_id, id_number_of(50))
    answers = []
    for place, wanted in ((1, id_number_of(50)), (2, id_number_of(60))):
        who = make_person(land.unit, f"申请人{'甲乙丙'[place]}")
        give_number(who.person_id, id_number_of(place))
        assert id_numbers.compare(who.person_id, id_number_of(place), by=at_work(admin, land.province), now=NOW)
        asked = corrections.ask(who.person_id, Identity.ID_NUMBER, wanted, "填错", now=NOW)
        sent = post(signed_in(clean, admin), f"/staff/corrections/{asked}/decision", {"decision": "approve"})
        own = signed_in(clean, who).get("/me/data").text
        answers.append((sent.status_code, "暂时无法登记" in sent.text, "处理中" in own))
    assert answers[0] == answers[1], answers
