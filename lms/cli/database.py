"""`lms db upgrade|downgrade|check`."""

import click

from lms.audit import service as audit
from lms.cli.context import application
from lms.infra import schema
from lms.kernel import clock


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.argument("revision", default="head")
@click.pass_context
def upgrade(context: click.Context, revision: str) -> None:
    """Bring the database up (to REVISION, else to the newest), and mark the rows of tables that are official from now on."""
    application(context)
    schema.upgrade(revision)
    if not schema.difference():
        audit.adopt_tables(now=clock.now())
    click.echo("ok")


@db.command()
@click.argument("revision")
@click.pass_context
def downgrade(context: click.Context, revision: str) -> None:
    """Take the database down to REVISION (-1: one step, base: to nothing)."""
    application(context)
    schema.downgrade(revision)
    click.echo("ok")


@db.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Say whether the database stands at the newest schema."""
    application(context)
    problems = schema.difference()
    for problem in problems:
        click.echo(f"{problem}; run: lms db upgrade", err=True)
    if problems:
        raise SystemExit(1)
    click.echo("ok")
