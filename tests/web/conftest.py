"""What tests of pages start from: people who can sign in, and a count of statements."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from lms.infra import db
from tests.factories.accounts import learner_account, make_account, sign_in
from tests.factories.certificates import land

__all__ = ["land", "learner_account", "make_account", "sign_in"]

Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(app: Flask) -> Statements:
    """A function whose block collects every SQL statement that the application sends."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return watch
