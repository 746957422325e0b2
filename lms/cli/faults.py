"""Turns the faults that an operator can mend into one line and exit 1, instead of a traceback.

What an operator typed, a path or what the database quotes may hold an ID number, and a terminal is often kept: whatever
a command says as an error goes through here without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import msgspec
from sqlalchemy.exc import DBAPIError

from lms.infra.db import DatabaseFault
from lms.infra.pdfsign import SealFault
from lms.kernel.quoted_numbers import without_quoted_numbers
from lms.settings import SettingsError

NUMBERLESS = "holds what may be an ID, telephone or bank number: leave it out"


@contextmanager
def in_one_line() -> Iterator[None]:
    """Wraps what a command does with settings, database and keys."""
    try:
        yield
    except click.ClickException as error:
        said = error.format_message()
        if (kept := without_quoted_numbers(said)) == said:
            raise
        context = error.ctx if isinstance(error, click.UsageError) else None
        raise (click.UsageError(kept, context) if context else click.ClickException(kept)) from error
    except (SettingsError, DatabaseFault, SealFault) as error:
        raise click.ClickException(without_quoted_numbers(str(error))) from error
    except DBAPIError as error:
        raise click.ClickException(f"database: {first_line(error.orig or error)}; try: lms doctor") from error
    except (msgspec.DecodeError, OSError) as error:
        raise click.ClickException(f"{type(error).__name__}: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """The first line of an error's message, its type when it has none; without ID, telephone and bank numbers."""
    return without_quoted_numbers((str(error).strip() or type(error).__name__).splitlines()[0])
