"""Tells faults of the database that pass by themselves from those that do not."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PASSING = ("08", "40", "53", "57")
"""Classes of SQLSTATE: connections, deadlocks and serialisation, resources, an operator's intervention."""
_LOCK_NOT_AVAILABLE = "55P03"


def passes(error: BaseException) -> bool:
    """Whether the same request may well succeed in a moment: somebody else has the lock, no connection is free, the server restarts.

    Nothing of what failed was stored. The error is one of SQLAlchemy or of either driver.
    """
    if isinstance(error, PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate
        if state is None:  # the connection broke, or none was made
            return isinstance(cause, psycopg.OperationalError)
        return state.startswith(_PASSING) or state == _LOCK_NOT_AVAILABLE
    return False
