"""What lies beyond one's reach is answered like what is not there, and by as many statements: nothing else of it is asked."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.access import service as access
from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.access.models import RoleGrantRow
from lms.accounts.domain.corrections import Identity
from lms.accounts.models import MembershipRow
from lms.accounts.service import corrections, joining
from lms.infra import ratelimit
from lms.infra.db import reading
from lms.kernel import ids
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Land, csrf_token, make_land, make_person, signed_in
from tests.factories.qualification import give_number, id_number_of
from tests.web.conftest import Statements

FIELDS = {
    "reason": "一个理由写在这里", "from_on": "2026-11-29", "until_on": "2026-11-29", "decision": "approve", "comment": "好",
    "id_number": id_number_of(5), "purpose": "file", "sure": "y", "step": "1", "name": "外人", "sex": "female", "post": "干部",
    "mobile": "13800000001", "category": "other", "employment": "full_time", "appointed_on": "2020-01-01",
    "help": "sign_in_code",
}  # fmt: skip


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def elsewhere(land: Land) -> dict[str, UUID]:
    """An id of each kind, of the other province or the nation."""
    helped, asker = (
        make_person(land.national, name, grants={roles.UNIT_ADMIN: land.national}, now=NOW - timedelta(days=9))
        for name in ("甲", "乙")
    )
    foreign, other = make_person(land.other_unit, "外人"), make_person(land.other_unit, "外人")
    give_number(foreign.person_id, id_number_of(5))
    by = at_work(make_admin(land.other_province), land.other_province)
    with reading() as session:
        membership = session.execute(select(MembershipRow.id).where(MembershipRow.person_id == foreign.person_id))
        grant = session.execute(select(RoleGrantRow.id).where(RoleGrantRow.person_id == helped.person_id))
        found = {"membership_id": membership.scalar_one(), "grant_id": grant.scalar_one()}
    return found | {
        "person_id": foreign.person_id,
        "gone_id": other.person_id,
        "correction_id": corrections.ask(foreign.person_id, Identity.NAME, "新名", "写错了", now=NOW),
        "proposal_id": joining.propose(foreign.person_id, other.person_id, by=by, reason="同一个人", now=NOW),
        "request_id": access.ask(helped.person_id, Help.SIGN_IN_CODE, reason="忘记密码", by=asker, now=NOW),
    }


def told(browser: FlaskClient, statements: Statements, method: str, path: str, fields: dict[str, str]) -> object:
    ratelimit.forget()
    with statements() as sent:
        answer = browser.open(path, method=method, data=fields if method == "POST" else None)
    shown = re.sub(r"[0-9a-f]{16}|[0-9a-f-]{36}|<meta[^>]*>|csrf_token[^>]*>", "", answer.text)
    return answer.status_code, answer.location, len(sent), shown


@pytest.mark.parametrize("blueprint", ["accounts_staff", "access_staff"])
def test_no_page_of_staff_asks_more_of_what_lies_elsewhere(
    clean: Flask, land: Land, elsewhere: dict[str, UUID], statements: Statements, blueprint: str
) -> None:
    browser = signed_in(clean, make_person(land.province, "单位", grants={roles.UNIT_ADMIN: land.province}))
    fields = FIELDS | {"csrf_token": csrf_token(browser), "unit": str(land.unit.id)}
    absent = {name: ids.new_id(NOW) for name in elsewhere}
    asked = 0
    for rule in clean.url_map.iter_rules():
        if not rule.arguments or not rule.endpoint.startswith(blueprint + "."):
            continue
        assert set(rule.arguments) <= set(elsewhere), f"{rule.rule} takes an id that this test has none of"
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            got = []
            for named in (absent, absent, elsewhere):  # the first one fills what is read once
                path = re.sub(r"<uuid:(\w+)>", lambda part, named=named: str(named[part[1]]), rule.rule)
                got.append(told(browser, statements, method, path, fields))
            assert got[1] == got[2], f"{method} {rule.rule}"
            asked += 1
    assert asked > 5
