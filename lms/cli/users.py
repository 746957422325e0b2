"""`lms users`: the first administrator of an installation, taking an account away at once, and the last way in."""

import secrets
from pathlib import Path
from typing import NamedTuple

import click

from lms import settings as settings_module
from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.accounts import service
from lms.accounts.domain import passwords, usernames
from lms.cli.context import application
from lms.cli.faults import NUMBERLESS, in_one_line
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.numbers import tells_a_number
from lms.organisations import service as organisations

FIRST_ROLES = {
    "security": roles.SECURITY_ADMIN,
    "unit": roles.UNIT_ADMIN,
    "system": roles.SYSTEM_ADMIN,
    "audit": roles.AUDIT_ADMIN,
}
HELPS = {"code": Help.SIGN_IN_CODE, "second-factor": Help.SECOND_FACTOR}
POST = "管理员"
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike on paper


class Named(NamedTuple):
    """Whom the command is told of."""

    username: str
    name: str
    sex: str
    mobile: str


@click.group()
def users() -> None:
    """People's accounts."""


@users.command()
@click.argument("username")
@click.option("--reason", required=True, help="kept in the audit record")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
@click.pass_context
def disable(context: click.Context, username: str, reason: str, home: Path | None) -> None:
    """Disable the account USERNAME and end all of its sessions."""
    if not reason.strip():
        raise click.UsageError("--reason must say something")
    if tells_a_number(reason):
        raise click.UsageError(f"--reason {NUMBERLESS}")
    with in_one_line():
        application(context, home)
        try:
            service.disable(username, reason=reason.strip(), now=clock.now())
        except Invalid as error:
            raise click.ClickException(f"no account has the user name {username!r}") from error
        except access.LastAdministrator as error:
            raise click.ClickException(
                "this is the last national administrator of their kind: make another one first"
            ) from error
    click.echo("ok")


@users.command("break-glass")
@click.argument("username")
@click.option(
    "--help-with", type=click.Choice(list(HELPS)), required=True, help="a one-time code, or the second factor"
)
@click.option("--reason", required=True, help="kept in the audit record")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
@click.pass_context
def break_glass(context: click.Context, username: str, help_with: str, reason: str, home: Path | None) -> None:
    """Help USERNAME, who has nobody above, into their account when no two administrators are left to do it together.

    Refused while two are. It is on the record and an alarm for a day, and who is concerned is told.
    """
    with in_one_line():
        application(context, home)
        hours = settings_module.current().sign_in_code_hours
        try:
            slip = access.break_glass(username, HELPS[help_with], reason=reason, hours=hours, now=clock.now())
        except NotFound as error:
            raise click.ClickException(
                "no such account, or one administrator can help it alone: see /staff/people"
            ) from error
        except access.TwoAreThere as error:
            raise click.ClickException(
                "two administrators can do this together: on the person's page, 登录帮助, 双人办理"
            ) from error
        except DomainError as error:
            raise click.ClickException(f"refused: {error.code}") from error
    if slip is not None:
        click.echo(f"username: {slip.username}")
        click.echo(f"code: {slip.code}")
    else:
        click.echo("ok")
    click.echo("This act is in the audit record and shows as an alarm.", err=True)


@users.command("create-admin")
@click.option("--username", required=True, help="4 to 32 letters, digits or _ . -")
@click.option("--name", required=True, help="the person's real name")
@click.option("--role", type=click.Choice(list(FIRST_ROLES)), default="security", show_default=True)
@click.option("--sex", type=click.Choice(["female", "male"]), default="male", show_default=True)
@click.option("--mobile", default="", help="the person's mobile number; can be added later")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
@click.pass_context
def create_admin(
    context: click.Context, username: str, name: str, role: str, sex: str, mobile: str, home: Path | None
) -> None:
    """Create the first administrator of a kind over the nation, and show the password once.

    The nation with its provinces and industry unions is built when it is missing. Refused when an administrator of
    this kind is there already: whoever follows is given the role on the page for roles.
    """
    if not usernames.is_username(username) or not name.strip() or len(name.strip()) > 60:
        raise click.UsageError(
            "--username takes 4 to 32 letters, digits or _ . - and begins with a letter; --name up to 60"
        )
    if tells_a_number(name):
        raise click.UsageError(f"--name {NUMBERLESS}")
    with in_one_line():
        application(context, home)
        minimum = settings_module.current().password_min_length
        password = _new_password(username, minimum)
        try:
            _create(Named(username, name.strip(), sex, mobile), FIRST_ROLES[role], password)
        except Invalid as error:
            raise click.ClickException(f"the user name {username!r} is taken") from error
        except access.AlreadyHeld as error:
            raise click.ClickException(
                f"there is a {role} administrator already; roles are given on /staff/roles"
            ) from error
    click.echo(f"username: {username.lower()}")
    click.echo(f"password: {password}")
    click.echo(
        "The password is shown this once. The first sign-in asks for a new one and for a second factor.", err=True
    )


def _create(named: Named, role: str, password: str) -> None:
    password_hash = service.hash_password(password)
    now = clock.now()
    with unit_of_work() as session:
        nation = organisations.build_nation(None, now)
        if access_queries.held_by_anyone(session, role, nation.id, now=now):
            raise access.AlreadyHeld
        person = service.Registration(named.name, named.sex, nation.id, POST, named.mobile, named.username, "")
        person_id = service.create_person(
            person, password_hash=password_hash, totp_secret=None, duty_password=True, now=now
        )
        access.appoint(person_id, role, nation.id, reason="lms users create-admin", now=now)


def _new_password(username: str, minimum: int) -> str:
    """A random password that the rules for passwords take."""
    while True:
        words = ["".join(secrets.choice(_ALPHABET) for _ in range(6)) for _ in range(max(3, minimum // 6 + 1))]
        password = "-".join(words)
        if passwords.judge(password, minimum_length=minimum, personal=passwords.Personal(words=(username,))):
            return password
