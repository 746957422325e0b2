"""`lms hours`: a person's ledger, its two corrections, the proof of the whole ledger, and the closing of years."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
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
from lms.reporting import service as figures
from lms.settings import current

MOST_BYTES = 100_000
_home = click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)


def _correction(command: Callable[..., None]) -> Callable[..., None]:
    command = click.argument("entry_id", type=click.UUID)(command)
    command = click.option("--by", required=True, metavar="USERNAME", help="who answers for it")(command)
    command = click.option("--second", required=True, metavar="USERNAME", help="who confirms it, another person")(
        command
    )
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
def reverse(context: click.Context, entry_id: UUID, by: str, second: str, reason: str, home: Path | None) -> None:
    """Take the entry ENTRY_ID back by a new one with the hours negated."""
    with _told():
        application(context, home)
        one, two = _person(by), _person(second)
        click.echo(service.reverse(entry_id, actor_id=one, second_id=two, reason=reason, now=clock.now()))


@hours.command()
@_correction
def recredit(context: click.Context, entry_id: UUID, by: str, second: str, reason: str, home: Path | None) -> None:
    """Credit the course of the reversed entry ENTRY_ID again, by the rule that holds now."""
    with _told():
        application(context, home)
        one, two = _person(by), _person(second)
        click.echo(service.recredit(entry_id, actor_id=one, second_id=two, reason=reason, now=clock.now()))


@hours.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON document")
@_home
@click.pass_context
def reconcile(context: click.Context, as_json: bool, home: Path | None) -> None:
    """Prove that the figures of units equal the ledger; exit 1 naming what differs."""
    with _told():
        application(context, home)
        found = figures.reconcile(now=clock.now())
    if as_json:
        click.echo(json.dumps({"ok": not found, "differences": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{one.what} {one.where}: stored {one.stored}, counted {one.counted}")
        click.echo(f"{len(found)} differences" if found else "the figures equal the ledger")
    if found:
        raise SystemExit(1)


@hours.command()
@_home
@click.pass_context
def verify(context: click.Context, home: Path | None) -> None:
    """Work the ledger out anew from completions, rules and corrections; exit 1 when anything differs."""
    with _told():
        application(context, home)
        proof = service.prove(now=clock.now())
    for one in proof.first:
        click.echo(f"{one.row} {one.detail}")
    click.echo(f"people {proof.people}, differences {proof.differences}")
    if proof.differences:
        raise SystemExit(1)


@hours.command()
@_home
@click.pass_context
def recount(context: click.Context, home: Path | None) -> None:
    """Throw the figures of units away and count them again from the ledger and the people; past years keep who was counted where."""
    with _told():
        application(context, home)
        figures.recount()
        click.echo(f"counted {figures.count_all(now=clock.now())}")


@hours.command()
@click.argument("year", type=click.IntRange(2000, 2999))
@_home
@click.pass_context
def close(context: click.Context, year: int, home: Path | None) -> None:
    """Make the official records of YEAR for everybody who has none yet, and further versions where its lines changed since."""
    with _told():
        application(context, home)
        days = current().hours_settle_days
        made = service.close_year(year, settle_days=days, now=clock.now())
        since = datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
        later = service.follow_corrections(settle_days=days, since=since, now=clock.now())
    click.echo(f"records {made}, further versions {later}")


@hours.command()
@click.argument("file", type=click.File("rb"))
@click.option("--by", required=True, metavar="USERNAME", help="who decided them")
@_home
@click.pass_context
def targets(context: click.Context, file: BinaryIO, by: str, home: Path | None) -> None:
    """Store a set of targets from the JSON FILE as the next version (docs/hours.md shows one)."""
    with _told():
        application(context, home)
        try:
            given = json.loads(file.read(MOST_BYTES))
        except ValueError as error:
            raise click.ClickException("the file is no JSON") from error
        if not isinstance(given, dict):
            raise click.ClickException("the file holds no set of targets")
        click.echo(f"version {service.decide_targets(given, actor_id=_person(by), now=clock.now())}")


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
