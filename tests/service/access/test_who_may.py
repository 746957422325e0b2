"""Roles bring permissions over a subtree, from a day until a day, and nothing else does."""

from datetime import datetime, timedelta

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
from lms.kernel import ids
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
    assert not roles.needs_second_factor(who.roles)


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
    assert roles.needs_second_factor(who.roles)


def test_a_lower_unit_does_not_reach_up(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    who = principal(make_account("person01", role=roles.PROVINCE_REVIEWER))
    assert service.may(who, Permission.REVIEW_PROVINCE, land.unit.path)
    assert service.may(who, Permission.REVIEW_PROVINCE, land.province.path)
    assert not service.may(who, Permission.REVIEW_PROVINCE, land.national.path)


def test_an_unknown_role_brings_nothing_and_is_not_stored(clean: Flask, learner_account: Account, land: Land) -> None:
    assert roles.permissions_of("emperor") == frozenset()
    with pytest.raises(IntegrityError):
        service.appoint(learner_account.person_id, "emperor", land.national.id, reason="x", now=LONG_AGO)


@pytest.mark.parametrize(
    ("span", "holds"),
    [
        ((LONG_AGO, None, None), True),
        ((NOW, None, None), True),
        ((NOW + timedelta(milliseconds=1), None, None), False),
        ((LONG_AGO, NOW + timedelta(milliseconds=1), None), True),
        ((LONG_AGO, NOW, None), False),
        ((LONG_AGO, None, NOW - timedelta(days=1)), False),
    ],
    ids=str,
)
def test_a_grant_holds_from_its_first_moment_until_its_last(
    clean: Flask,
    learner_account: Account,
    land: Land,
    span: tuple[datetime, datetime | None, datetime | None],
    holds: bool,
) -> None:
    from_at, until_at, ended_at = span
    with unit_of_work() as session:
        session.add(
            RoleGrantRow(
                id=ids.new_id(NOW),
                person_id=learner_account.person_id,
                role=roles.UPLOADER,
                unit_id=land.unit.id,
                from_at=from_at,
                until_at=until_at,
                granted_at=LONG_AGO,
                reason="test",
                ended_at=ended_at,
            )
        )
    assert bool(principal(learner_account).grants) is holds


def test_several_roles_are_loaded_in_one_statement(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    for role, unit in ((roles.CLASS_MANAGER, land.province), (roles.CLASS_MANAGER, land.national)):
        service.appoint(account.person_id, role, unit.id, reason="x", now=LONG_AGO)
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
    with pytest.raises(service.AlreadyHeld):
        service.appoint(account.person_id, roles.UPLOADER, land.unit.id, reason="x", now=NOW)


def test_a_disabled_account_is_nobody(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("person01", role=roles.UPLOADER)
    with unit_of_work() as session:
        session.execute(update(AccountRow).values(state="disabled"))
    with reading() as session:
        assert queries.principal_of_person(session, account.person_id, now=NOW) is None
