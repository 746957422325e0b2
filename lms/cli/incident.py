"""`lms incident`: the persons and kinds of data that an account touched in a span of time, for telling them after a breach."""

import json
from datetime import datetime
from pathlib import Path

import click

from lms.accounts.queries.oversight import MOST_PERSONS
from lms.accounts.service import incidents
from lms.cli.context import application
from lms.cli.faults import in_one_line
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Invalid

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


@click.command()
@click.option("--account", "username", required=True, metavar="USERNAME")
@click.option("--from", "since", required=True, type=click.DateTime(FORMATS), help="Shanghai time")
@click.option("--to", "until", required=True, type=click.DateTime(FORMATS), help="Shanghai time, not included")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
@click.pass_context
def incident(context: click.Context, username: str, since: datetime, until: datetime, home: Path | None) -> None:
    """Print as JSON whom and what the account touched."""
    with in_one_line():
        application(context, home)
        try:
            found = incidents.look(
                username,
                since=since.replace(tzinfo=SHANGHAI),
                until=until.replace(tzinfo=SHANGHAI),
                limit=2 * MOST_PERSONS,
                actor_id=None,
                scopes=None,
                now=clock.now(),
            )
        except Invalid as error:
            raise click.ClickException("; ".join(error.fields.values())) from error
    click.echo(
        json.dumps(
            {
                "persons": found.count,
                "id_numbers_seen": found.reveals,
                "acts": [
                    {"action": one.action, "object": one.object_type, "result": one.result, "count": one.count}
                    for one in found.acts
                ],
                "disclosures": [
                    {"at": one.at.isoformat(), "receiver": one.receiver, "fields": one.fields, "persons": one.persons}
                    for one in found.disclosures
                ],
                "people": [
                    {"id": str(one.person_id), "name": one.name, "unit": one.unit_name} for one in found.persons
                ],
            },
            ensure_ascii=False,
            indent=2,
        )
    )
