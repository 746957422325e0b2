"""`lms keys`: changes the keys of personal fields; both commands may be killed and called again."""

from pathlib import Path

import click

from lms.accounts.service import keys as hashes
from lms.cli.context import application
from lms.cli.faults import in_one_line
from lms.infra import sealing
from lms.offline.service import encrypt_earlier

_home = click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)


@click.group()
def keys() -> None:
    """The keys of personal fields."""


@keys.command()
@_home
@click.pass_context
def rotate(context: click.Context, home: Path | None) -> None:
    """Seal personal fields and the keys of files with the current key (LMS_FIELD_KEY_ID); LMS_FIELD_KEYS_OLD has earlier ones."""
    with in_one_line():
        application(context, home)
        counts = (*sealing.rotate(), encrypt_earlier())
    for count in counts:
        click.echo(f"{count.column}: {count.changed} changed, {count.unreadable} unreadable")
    _refuse_unreadable(sum(count.unreadable for count in counts))


@keys.command()
@_home
@click.pass_context
def reindex(context: click.Context, home: Path | None) -> None:
    """Bring the hashes that people are found by to the index key, or to LMS_INDEX_KEY_NEXT while it is set."""
    with in_one_line():
        application(context, home)
        done = hashes.reindex()
    click.echo(
        f"ID numbers: {done.filled} filled, {done.swapped} swapped, {done.cleared} settled; "
        f"mobile numbers: {done.mobiles} changed; {done.unreadable} unreadable"
    )
    for one, other in done.clashes:
        click.echo(f"one ID number stands on two people: {one} and {other}", err=True)
    _refuse_unreadable(done.unreadable)
    if done.clashes:
        raise click.ClickException(
            f"{len(done.clashes)} pairs have one ID number: one of each takes theirs back, then run this again"
        )
    if done.rotating:
        click.echo("now put LMS_INDEX_KEY_NEXT in the place of LMS_INDEX_KEY, restart, and run this once more")


def _refuse_unreadable(count: int) -> None:
    if count:
        raise click.ClickException(f"{count} values can't be read: is their key in LMS_FIELD_KEYS_OLD?")
