"""`lms hours`: a person's ledger with its ids, and its two corrections: taking an entry back, crediting it again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click

from lms.accounts import queries as accounts
from lms.cli.context import application
from lms.cli.faults import in_one_line
from lms.hours import queries, service
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import DomainError, NotFound

_home = click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)


def _correction(command: Callable[..., None]) -> Callable[..., None]:
    command = click.argument("entry_id", type=click.UUID)(command)
    command = click.option("--by", required=True, metavar="USERNAME", help="who answers for it")(command)
    command = click.option("--reason", required=True, help="kept in the ledger and in the audit record")(command)
    return click.pass_context(_home(command))


@click.group()
def hours() -> None:
    """The ledger of study hours."""


@hours.command("list")
@click.argument("username")
@_home
@click.pass_context
def list_entries(context: click.Context, username: str, home: Path | None) -> None:
    """List the entries of USERNAME, the newest first: id, hours, ledger, day, title."""
    with _told():
        application(context, home)
        with reading() as session:
            entries = queries.entries_of(session, _person(username))
    for entry in entries:
        day = entry.earned_at.astimezone(SHANGHAI).date().isoformat()
        note = f" · reversal of {entry.reversal_of}: {entry.reason}" if entry.reversal_of else ""
        click.echo(f"{entry.id} {entry.hours / 100:+g} {entry.ledger} {day} {entry.title}{note}")


@hours.command()
@_correction
def reverse(context: click.Context, entry_id: UUID, by: str, reason: str, home: Path | None) -> None:
    """Take the entry ENTRY_ID back by a new one with the hours negated."""
    with _told():
        application(context, home)
        click.echo(service.reverse(entry_id, actor_id=_person(by), reason=reason, now=clock.now()))


@hours.command()
@_correction
def recredit(context: click.Context, entry_id: UUID, by: str, reason: str, home: Path | None) -> None:
    """Credit the course of the reversed entry ENTRY_ID again, by the rule that holds now."""
    with _told():
        application(context, home)
        click.echo(service.recredit(entry_id, actor_id=_person(by), reason=reason, now=clock.now()))


def _person(username: str) -> UUID:
    with reading() as session:
        try:
            return accounts.person_of_username(session, username).id
        except NotFound as error:
            raise click.ClickException(f"no account has the user name {username!r}") from error


@contextmanager
def _told() -> Iterator[None]:
    """Refusals are told in one line."""
    with in_one_line():
        try:
            yield
        except NotFound as error:
            raise click.ClickException("there is no such entry") from error
        except DomainError as error:
            raise click.ClickException(f"{error.code}: {'; '.join(error.fields.values()) or error.title}") from error
