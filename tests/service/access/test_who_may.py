"""Roles bring permissions over a subtree, from a day until a day, and nothing else does."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.exc import IntegrityError

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts.models import AccountRow
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from tests.factories.accounts import LONG_AGO, Account, MakeAccount
from tests.factories.certificates import NOW, Land


def principal(account: Account) -> Principal:
    with reading() as session:
        found = queries.principal_of_person(session, account.person_id, now=NOW)
    assert found
    return found


def test_a_learner_may_nothing_special(clean: Flask, learner_account: Account, land: Land) -> None:
    who = principal(learner_account)
    assert who.grants == () and who.roles == frozenset()
    assert who.unit_path == land.unit.path
    assert not any(service.may(who, permission) for permission in Permission)
    assert not service.needs_second_factor(learner_account.person_id, now=NOW)


@pytest.mark.parametrize("role", [role for role in roles.PERMISSIONS if role != roles.LEARNER])
def test_a_role_reaches_its_subtree_and_no_further(
    clean: Flask, make_account: MakeAccount, land: Land, role: str
) -> None:
    who = principal(make_account("person01", role=role))
    (reach,) = {grant.path for grant in who.grants}
    elsewhere = "/ffffffffff/ffffffffff/"
    for permission in Permission:
        allowed = permission in roles.permissions_of(role)
        assert bool(service.may(who, permission)) is allowed
        assert bool(service.may(who, permission, reach)) is allowed
        assert bool(service.may(who, permission, reach + "abcdefabcd/")) is allowed
        assert not service.may(who, permission, elsewhere)
        assert not service.may(who, permission, "")
        assert service.scopes_for(who, permission) == ((reach,) if allowed else ())
    assert service.needs_second_factor(who.person_id, now=NOW)


def test_a_lower_unit_does_not_reach_up(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    who = principal(make_account("person01", role=roles.PROVINCE_REVIEWER))
    assert service.may(who, Permission.REVIEW_PROVINCE, land.unit.path)
    assert service.may(who, Permission.REVIEW_PROVINCE, land.province.path)
    assert not service.may(who, Permission.REVIEW_PROVINCE, land.national.path)


def test_an_unknown_role_brings_nothing(clean: Flask, learner_account: Account, land: Land) -> None:
    service.grant(learner_account.person_id, "emperor", land.national.id, granted_by=None, reason="x", now=LONG_AGO)
    who = principal(learner_account)
    assert not any(service.may(who, permission) for permission in Permission)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"until_at": None}, True),
        ({"from_at": NOW}, True),
        ({"from_at": NOW + timedelta(milliseconds=1)}, False),
        ({"until_at": NOW + timedelta(milliseconds=1)}, True),
        ({"until_at": NOW}, False),
        ({"ended_at": NOW - timedelta(days=1)}, False),
    ],
    ids=str,
)
def test_a_grant_holds_from_its_first_moment_until_its_last(
    clean: Flask, make_account: MakeAccount, values: dict[str, object], holds: bool
) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).values(**values))
    assert bool(principal(account).grants) is holds
    with reading() as session:
        assert bool(queries.roles_of(session, account.person_id, now=NOW)) is holds


def test_several_roles_are_loaded_in_one_statement(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    for role, unit in ((roles.CLASS_MANAGER, land.province), (roles.CLASS_MANAGER, land.national)):
        service.grant(account.person_id, role, unit.id, granted_by=None, reason="x", now=LONG_AGO)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with clean.app_context():
        engine = db.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        who = principal(account)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
    assert {(grant.role, grant.path) for grant in who.grants} == {
        (roles.UPLOADER, land.unit.path),
        (roles.CLASS_MANAGER, land.province.path),
        (roles.CLASS_MANAGER, land.national.path),
    }


def test_the_same_role_over_the_same_unit_is_given_once(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    with pytest.raises(IntegrityError):
        service.grant(account.person_id, roles.UPLOADER, land.unit.id, granted_by=None, reason="x", now=NOW)


def test_a_disabled_account_is_nobody(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    with unit_of_work() as session:
        session.execute(update(AccountRow).values(state="disabled"))
    with reading() as session:
        assert queries.principal_of_person(session, account.person_id, now=NOW) is None
