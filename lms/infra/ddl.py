"""Triggers that both databases need for rules a constraint can't say; used by migrations only."""

from alembic import op


def is_postgresql() -> bool:
    """Whether the running migration writes to PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def refuse(table: str, name: str, *, on: str, when: str = "1 = 1", message: str, first: str = "") -> None:
    """Refuses INSERT, UPDATE or DELETE (`on`) of rows for which `when` holds: SQL over OLD and NEW, with subqueries if need be.

    `first` is a PL/pgSQL statement that PostgreSQL runs before it asks: a lock, so that two transactions can't each
    count on what the other is about to take away. SQLite has one writer and needs none.
    """
    text = message.replace("'", "''")
    if is_postgresql():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {first} "
            f"IF ({when}) THEN RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{text}') WHERE ({when}); END"
        )


def afterwards(table: str, name: str, *, on: str, then: str, when: str = "1 = 1") -> None:
    """Runs a statement `then` after each INSERT or UPDATE (`on`) of a row for which `when` holds: SQL over OLD and NEW."""
    if is_postgresql():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ({when}) THEN {then}; END IF; "
            "RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {on} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(f"CREATE TRIGGER {name} AFTER {on} ON {table} FOR EACH ROW WHEN {when} BEGIN {then}; END")


def changed(*columns: str) -> str:
    """SQL that holds when an UPDATE gives one of the columns another value."""
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


def allow_again(table: str, name: str) -> None:
    """Takes a trigger made by `refuse` or `afterwards` away."""
    if is_postgresql():
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        op.execute(f"DROP FUNCTION IF EXISTS {name}()")
    else:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")


def append_only(table: str) -> None:
    """Rows of `table` are never changed and never deleted."""
    refuse(table, f"{table}_no_update", on="UPDATE", message=f"{table} is append-only")
    refuse(table, f"{table}_no_delete", on="DELETE", message=f"{table} is append-only")


def no_longer_append_only(table: str) -> None:
    """Undoes `append_only`."""
    allow_again(table, f"{table}_no_update")
    allow_again(table, f"{table}_no_delete")
