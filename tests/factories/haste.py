"""For tests about what is decided and not about power cuts: the database waits for no disk."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from lms.infra import db, dbdriver


@contextmanager
def no_waiting_for_the_disk() -> Iterator[None]:
    """All connections that are opened meanwhile, those of the driver too, commit to memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(db.SQLITE_PRAGMAS, "synchronous", "0")
        _hurry("off")
        try:
            yield
        finally:
            patch.undo()
            _hurry("on")


def _hurry(synchronous_commit: str) -> None:
    engine = db.engine()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar_one()
            connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = {synchronous_commit}"))
    engine.dispose()
    dbdriver._kept.__dict__.pop("one", None)
