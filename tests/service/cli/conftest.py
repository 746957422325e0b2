"""Runs the commands of `lms` in this process, on the tests' application."""

import dataclasses
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from lms import cli
from lms.infra import db
from lms.settings import Settings
from tests.factories.accounts import learner_account, make_account, sign_in
from tests.factories.certificates import land, learner, make_learner, make_person, training

__all__ = [
    "land", "learner", "learner_account", "make_account", "make_learner", "make_person", "sign_in", "training",
]  # fmt: skip

Command = Callable[..., Result]


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which settings_module.from_environment() reads these settings."""
    values = {f"LMS_{field.name.upper()}": getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()}


@pytest.fixture
def lms(clean: Flask, settings: Settings) -> Command:
    """A function that runs `lms …`; `without` takes variables away, others are set by their names."""

    def run(*words: object, without: tuple[str, ...] = (), **changed: str) -> Result:
        variables: dict[str, str | None] = {**environment(settings), **changed}
        variables |= dict.fromkeys(without)
        arguments = [str(word) for word in words]
        result = CliRunner().invoke(cli.main, arguments, obj=lambda _settings: clean, env=variables)
        with clean.app_context():  # the doctor binds the database that it looks at
            db.bind(db.db.engine)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
