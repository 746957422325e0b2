"""`lms users create-admin` makes the first administrator of a kind, once, and shows the password once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.access import queries as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service.passwords import verify
from lms.infra.db import reading
from lms.kernel import clock
from lms.organisations import queries as organisations
from lms.organisations.models import UnitRow
from tests.factories.qualification import id_number_of
from tests.service.cli.conftest import Command


def create(lms: Command, username: str = "first.admin", *more: str) -> dict[str, str]:
    result = lms("users", "create-admin", "--username", username, "--name", "王  芳", *more)
    assert result.exit_code == 0, result.output
    return dict(line.split(": ", 1) for line in result.stdout.splitlines())


def test_the_nation_is_built_and_the_first_security_administrator_can_begin(lms: Command) -> None:
    shown = create(lms, "First.Admin")
    with reading() as session:
        nation = organisations.national(session)
        assert nation
        assert session.scalar(select(func.count()).select_from(UnitRow).where(UnitRow.kind == "province")) == 32
        row = session.execute(select(AccountRow)).scalar_one()
        person = session.execute(select(PersonRow.name, PersonRow.mobile_hash, PersonRow.unit_id)).one()
        grant = session.execute(select(RoleGrantRow)).scalar_one()
        who = access.principal_of_person(session, row.person_id, now=clock.now() + timedelta(seconds=1))
    assert who and who.roles == {roles.SECURITY_ADMIN}
    assert shown["username"] == row.username == "first.admin"
    assert verify(row.password_hash, shown["password"])
    assert row.duty_password and row.totp_sealed is None and row.state == "active"
    assert tuple(person) == ("王  芳", "", nation.id)
    assert (grant.granted_by, grant.until_at, grant.unit_id) == (None, None, nation.id)


@pytest.mark.parametrize("role", ["security", "unit", "system", "audit"])
def test_a_second_one_of_the_same_kind_is_refused(lms: Command, role: str) -> None:
    create(lms, "first", "--role", role)
    again = lms("users", "create-admin", "--username", "second", "--name", "李四", "--role", role)
    assert again.exit_code == 1
    assert again.output == f"Error: there is a {role} administrator already; roles are given on /staff/roles\n"
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PersonRow)) == 1


def test_each_kind_has_its_first_one(lms: Command) -> None:
    passwords = {
        create(lms, f"{role}.one", "--role", role)["password"] for role in ("security", "unit", "system", "audit")
    }
    assert len(passwords) == 4
    with reading() as session:
        held = {row.role for row in session.execute(select(RoleGrantRow)).scalars()}
        assert session.scalar(select(func.count()).select_from(UnitRow).where(UnitRow.parent_id.is_(None))) == 1
    assert held == roles.SEPARATED | {roles.UNIT_ADMIN}


def test_a_taken_user_name_leaves_nothing(lms: Command) -> None:
    create(lms, "taken")
    result = lms("users", "create-admin", "--username", "TAKEN", "--name", "李四", "--role", "unit")
    assert (result.exit_code, result.output) == (1, "Error: the user name 'TAKEN' is taken\n")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RoleGrantRow)) == 1


@pytest.mark.parametrize(
    ("username", "name"), [("ab", "王芳"), ("1990010112345", "王芳"), ("王芳", "王芳"), ("admin1", " ")]
)
def test_names_that_are_none_are_refused(lms: Command, username: str, name: str) -> None:
    assert lms("users", "create-admin", "--username", username, "--name", name).exit_code == 2


def test_the_last_administrator_can_t_be_disabled(lms: Command) -> None:
    create(lms, "only.one")
    result = lms("users", "disable", "only.one", "--reason", "离职")
    assert result.exit_code == 1
    assert result.output == "Error: this is the last national administrator of their kind: make another one first\n"
    with reading() as session:
        assert session.execute(select(AccountRow.state)).scalar_one() == "active"


def test_a_name_holds_no_number(lms: Command) -> None:
    number = id_number_of(1)
    result = lms("users", "create-admin", "--username", "first", "--name", f"王{number}")
    assert result.exit_code == 2 and number not in result.output
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PersonRow)) == 0
