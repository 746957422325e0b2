"""The database: `reading()` for queries, `unit_of_work()` for the only commit.

SQLite runs with WAL, synchronous=FULL and BEGIN IMMEDIATE for writers only; the process refuses to start when a pragma differs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import structlog
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    GenerativeSelect,
    MetaData,
    Select,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, aliased

log = structlog.get_logger()

Statement = TypeVar("Statement", bound=GenerativeSelect)
Entity = TypeVar("Entity")

SEEDED = {"seeded": True}
"""Marks a table whose rows come with the schema: who empties the others leaves it alone."""

SQLITE_PRAGMAS = {"foreign_keys": "1", "journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"}


class Base(DeclarativeBase):
    """Root of all models; the naming convention gives every constraint a name that migrations can drop."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})

if TYPE_CHECKING:

    class Model(Base):
        """What every table derives from."""

        __abstract__ = True

else:
    Model = db.Model


class DatabaseFault(Exception):
    """The database can't be served with; the message says why and what mends it."""


def second(model: type[Entity]) -> type[Entity]:
    """A table once more, for the statements of a whole module: `_home = second(UnitRow)`.

    SQLAlchemy makes an alias's columns when they are first asked for, and two threads that ask at once get halves: statements
    that join nothing. So they are all made here, where there is one thread.
    """
    found = aliased(model)
    for column in inspect(model).local_table.columns:
        getattr(found, column.name).__clause_element__()
    return found


@dataclass
class _Engines:
    reader: Engine | None = None
    writer: Engine | None = None


@dataclass
class _Unit:
    session: Session
    last: list[Callable[[], None]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)


_engines = _Engines()
_unit: ContextVar[_Unit | None] = ContextVar("unit_of_work", default=None)
_conditions: ContextVar[tuple[Callable[[Session], None], ...]] = ContextVar("conditions", default=())


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine needs beside the address. Errors do not tell parameters: they end in logs."""
    hidden = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return hidden | {
            "connect_args": {"timeout": 10, "check_same_thread": False},
            "pool_size": 16,
            "max_overflow": 16,
        }
    return hidden | {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_pre_ping": False,
        "connect_args": {"prepare_threshold": 2},
        "json_serializer": _json_text,
        "json_deserializer": msgspec.json.decode,
    }


def _json_text(value: Any) -> str:
    """Plain data as SQLite keeps it, see `types.Json`."""
    return msgspec.json.encode(value).decode()


def make_engine(url: str) -> Engine:
    """An engine of its own, with the pragmas and transaction modes of this module (migrations, tests, checks)."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    return engine


def prepare(engine: Engine) -> None:
    """Installs pragmas and explicit transactions on an engine."""
    if engine.dialect.name != "sqlite":
        return

    event.listen(engine, "connect", lambda connection, _record: set_pragmas(connection))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("lms_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def set_pragmas(connection: Any) -> None:
    """Makes a fresh connection of SQLite's driver one of this module's."""
    connection.isolation_level = None  # transactions begin where we say, not where pysqlite guesses
    for name, value in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def bind(engine: Engine) -> None:
    """Makes `engine` the one that reading() and unit_of_work() use in this process."""
    _engines.writer = engine.execution_options(lms_writing=True)
    _engines.reader = (
        engine.execution_options(postgresql_readonly=True) if engine.dialect.name == "postgresql" else engine
    )


def engine() -> Engine:
    """The bound engine, in its writing form."""
    if _engines.writer is None:
        raise DatabaseFault("no database is bound: create_app() binds it")
    return _engines.writer


def dialect() -> str:
    """The name of the database, sqlite or postgresql."""
    return engine().dialect.name


def insert_into(model: type[Model]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the running database, which knows what to do with rows that are there (`on_conflict_do_…`)."""
    return postgresql.insert(model) if dialect() == "postgresql" else sqlite.insert(model)


def check_pragmas() -> None:
    """Raises DatabaseFault when SQLite does not run with the pragmas that durability rests on."""
    if dialect() != "sqlite":
        return
    with reading() as session:
        for name, wanted in SQLITE_PRAGMAS.items():
            found = str(session.execute(text(f"PRAGMA {name}")).scalar())
            if found != wanted:
                raise DatabaseFault(f"SQLite's {name} is {found}, not {wanted}: is the file on a network file system?")


def running() -> Session | None:
    """The session of the unit of work that this call belongs to, if any."""
    unit = _unit.get()
    return unit.session if unit else None


@contextmanager
def reading() -> Iterator[Session]:
    """A read-only session; inside a unit of work it is that unit's session, so that one reads one's own writes."""
    outer = _unit.get()
    if outer is not None:
        yield outer.session
        return
    if _engines.reader is None:
        raise DatabaseFault("no database is bound: create_app() binds it")
    session = Session(_engines.reader, autoflush=False)
    try:
        yield session
        if session.in_transaction() and dialect() == "postgresql":
            _commit_what_was_read(session)
    finally:
        session.close()


def _commit_what_was_read(session: Session) -> None:
    """Ends a reading transaction: after a ROLLBACK psycopg forgets every statement that it has prepared.

    A connection that was struck in the middle of it is thrown away: it could not be handed back, and the error of trying
    would hide the first one.
    """
    try:
        session.connection().commit()
    except BaseException:
        session.invalidate()
        raise


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A writing transaction, committed when the outermost block ends well and rolled back whole when anything raises."""
    outer = _unit.get()
    if outer is not None:
        yield outer.session
        outer.session.flush()
        return
    session = Session(engine(), autoflush=True, expire_on_commit=False)
    unit = _Unit(session)
    token = _unit.set(unit)
    try:
        session.connection()  # takes SQLite's write lock now: facts that decide are read under it
        yield session
        session.flush()
        for call in unit.last:
            call()
        for check in _conditions.get():
            check(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _unit.reset(token)
        session.close()
    for call in unit.after:
        call()


@contextmanager
def on_condition(check: Callable[[Session], None]) -> Iterator[None]:
    """Within this block a unit of work is committed only when `check`, asked at its end, raises nothing."""
    token = _conditions.set((*_conditions.get(), check))
    try:
        yield
    finally:
        _conditions.reset(token)


def before_commit(call: Callable[[], None]) -> None:
    """Runs `call` as the last of the outermost unit of work, when it holds whatever it needs: for locks that many ask for."""
    _running("before_commit").last.append(call)


def after_commit(call: Callable[[], None]) -> None:
    """Runs `call` once the outermost unit of work has committed; never when it rolls back."""
    _running("after_commit").after.append(call)


def _running(what: str) -> _Unit:
    unit = _unit.get()
    if unit is None:
        raise DatabaseFault(f"{what}() belongs inside a unit_of_work()")
    return unit


def take_turn(session: Session, number: int) -> None:
    """Lets one unit of work at a time go on that asks for this number, until it ends; on SQLite the writer is alone anyway.

    The numbers are those of PostgreSQL's advisory locks: each module that needs one keeps a constant that no other one has.
    """
    if dialect() == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(number)))


def hold(session: Session, rows: Select[*tuple[Any, ...]]) -> None:
    """Locks rows as an UPDATE that keeps their keys does, in the order of the statement, without fetching them."""
    if dialect() == "postgresql":
        _count(session, rows.with_for_update(key_share=True))


def hold_all(session: Session, rows: Select[*tuple[Any, ...]]) -> None:
    """The same with those that came to be among the rows while the statement waited for some of them.

    They have their place in the order too: what this call holds is let go then, and taken again with them.
    """
    if dialect() != "postgresql":
        return
    session.flush()  # what was written before is not undone
    while True:
        with session.connection().begin_nested() as point:
            held = _count(session, rows.with_for_update(key_share=True))
            if held == _count(session, rows):  # nobody changes a held row, so as many are the same ones
                return
            point.rollback()


def _count(session: Session, rows: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def for_update(statement: Statement, *, referable: bool = False) -> Statement:
    """Locks the selected rows on PostgreSQL; on SQLite the writer is alone anyway.

    `referable`: as an UPDATE does it, so that rows elsewhere may go on to name these, which keep their keys.
    """
    return statement.with_for_update(key_share=referable) if dialect() == "postgresql" else statement
