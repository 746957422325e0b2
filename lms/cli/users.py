"""`lms users disable`: takes an account away at once."""

from pathlib import Path

import click

from lms.accounts import service
from lms.cli.context import application
from lms.cli.faults import in_one_line
from lms.kernel import clock
from lms.kernel.errors import Invalid


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
    with in_one_line():
        application(context, home)
        try:
            service.disable(username, reason=reason.strip(), now=clock.now())
        except Invalid as error:
            raise click.ClickException(f"no account has the user name {username!r}") from error
    click.echo("ok")
