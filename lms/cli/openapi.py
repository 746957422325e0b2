"""`lms openapi` prints the OpenAPI document."""

import json

import click

from lms.cli.context import application
from lms.web import jsonapi


@click.command()
@click.pass_context
def openapi(context: click.Context) -> None:
    """Print the OpenAPI document."""
    click.echo(json.dumps(jsonapi.openapi(application(context)), ensure_ascii=False, indent=2))
