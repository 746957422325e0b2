"""Ways to die in the middle of an act: at any statement, of the driver's own too, at the commit, and right after it."""

from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from lms.infra import dbdriver
from tests.factories.account_machine.crashes import Crashed, CrashPoint

ANSWER_LOST = 0
"""The act was done and committed, its answer never came."""
DEATH = st.integers(0, 99).map(lambda drawn: drawn // 10 if drawn % 5 == 4 else None)
"""None in four steps of five; else the statement or commit at which the process dies, or ANSWER_LOST."""


class DriverCrashPoint(CrashPoint):
    """Counts the driver's own statements and every commit too: the path of beats goes past SQLAlchemy."""

    def __enter__(self) -> "DriverCrashPoint":
        super().__enter__()
        self._patch = pytest.MonkeyPatch()
        if self.left:
            event.listen(Engine, "commit", self)
            execute = dbdriver.execute

            def counted(at: Any, statement: str, values: Any) -> Any:
                self()
                return execute(at, statement, values)

            self._patch.setattr(dbdriver, "execute", counted)
        return self

    def __exit__(self, *error: object) -> None:
        self._patch.undo()
        if getattr(self, "armed", False):
            event.remove(Engine, "commit", self)
        super().__exit__(*error)


__all__ = ["ANSWER_LOST", "DEATH", "Crashed", "DriverCrashPoint"]
