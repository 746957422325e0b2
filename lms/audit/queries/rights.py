"""Looks whether the database would let the application itself change what is append-only."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from lms.infra import db

_CHANGEABLE = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgname = c.relname || '_no_update'
AND (pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'UPDATE')
     OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE'))
ORDER BY c.relname
"""


def changeable_tables(session: Session) -> tuple[str, ...]:
    """Append-only tables that this role of PostgreSQL owns, or may update or delete in; SQLite knows no roles: none."""
    if db.dialect() != "postgresql":
        return ()
    return tuple(session.execute(text(_CHANGEABLE)).scalars())
