"""Tables are explained, named alike and typed alike; migrations are numbered in one line."""

import re
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import Column, DateTime, Enum, Float, Numeric, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.orm import Mapper

from lms import paths
from lms.infra import db
from lms.infra.types import Instant

MIGRATIONS = sorted(paths.migrations().glob("versions/*.py"))


def mappers(app: Flask) -> Iterator[Mapper[object]]:
    found = list(db.Base.registry.mappers)
    assert len(found) > 20
    yield from sorted(found, key=lambda mapper: mapper.class_.__name__)


def columns(app: Flask) -> Iterator[Column[object]]:
    for table in db.db.metadata.sorted_tables:
        yield from table.columns


def test_every_model_says_what_its_rows_are(app: Flask) -> None:
    silent = [
        mapper.class_.__name__ for mapper in mappers(app) if not (mapper.class_.__dict__.get("__doc__") or "").strip()
    ]
    assert not silent


def test_every_model_lives_with_its_owner(app: Flask) -> None:
    homes = {mapper.class_.__module__ for mapper in mappers(app)}
    assert not [home for home in homes if not re.fullmatch(r"lms\.[a-z]+\.models(\.[a-z_]+)?|lms\.infra\.jobs", home)]


def test_models_and_tables_are_named_alike(app: Flask) -> None:
    wrong = []
    for mapper in mappers(app):
        assert isinstance(mapper.local_table, Table)
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", mapper.class_.__name__.removesuffix("Row")).lower()
        if not mapper.class_.__name__.endswith("Row") or not mapper.local_table.name.endswith(words):
            wrong.append((mapper.class_.__name__, mapper.local_table.name))
    assert not wrong


def test_no_table_hangs_on_another_by_a_relationship(app: Flask) -> None:
    assert not [mapper.class_.__name__ for mapper in mappers(app) if list(mapper.relationships)]


def test_moments_keep_their_zone_and_amounts_are_whole(app: Flask) -> None:
    wrong = [
        str(column)
        for column in columns(app)
        if isinstance(column.type, DateTime | Float | Numeric | Enum) and not isinstance(column.type, Instant)
    ]
    assert not wrong


def test_moments_are_called_so(app: Flask) -> None:
    moments = [column for column in columns(app) if isinstance(column.type, Instant)]
    odd = [
        str(c)
        for c in moments
        if not re.search(r"(_at|_until|^since|^deadline|^until|_from)$", c.name) and c.name != "at"
    ]
    assert not odd


def test_every_constraint_has_a_name(app: Flask) -> None:
    nameless = [
        f"{table.name}: {constraint}"
        for table in db.db.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless


def leading_columns(table: Table) -> set[str]:
    """The first column of every index, also of those that keys and unique constraints make."""
    keys = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
    return {next(iter(one.columns)).name for one in (*table.indexes, *keys) if len(one.columns)}


def test_what_belongs_to_somebody_is_found_by_an_index(app: Flask) -> None:
    """Pages read a person's, a class's or an attempt's own rows: without an index each page would read them all."""
    bare = [
        f"{table.name}.{name}"
        for table in db.db.metadata.sorted_tables
        for name in ("person_id", "class_id", "account_id", "attempt_id")
        if name in table.columns and name not in leading_columns(table)
    ]
    assert not bare


def test_migrations_are_numbered_and_go_both_ways() -> None:
    for number, path in enumerate(MIGRATIONS, start=1):
        text = path.read_text("utf-8")
        before = "None" if number == 1 else f'"{number - 1:04}"'
        assert re.fullmatch(rf"{number:04}_[a-z0-9_]+\.py", path.name)
        assert f'\nrevision = "{number:04}"\n' in text, path.name
        assert f"\ndown_revision = {before}\n" in text, path.name
        up, down = text.split("def upgrade() -> None:\n")[1].split("def downgrade() -> None:\n")
        # A number may be taken before its schema is written; what goes up also comes down.
        assert (up.strip() == "pass") == (down.strip() == "pass"), path.name
