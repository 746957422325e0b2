"""Records the statements that run, and reads in PostgreSQL's plans which tables a statement reads from end to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

Statement = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The statements with their parameters that any engine of this process runs meanwhile."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def read_whole(connection: Connection, statements: list[Statement]) -> set[str]:
    """The tables that the plan of one of the queries reads from end to end."""
    tables: set[str] = set()
    for statement, parameters in statements:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            tables |= {
                step["Relation Name"] for step in _steps(explained[0]["Plan"]) if step["Node Type"] == "Seq Scan"
            }
    return tables


def _steps(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for below in step.get("Plans", ()):
        yield from _steps(below)
