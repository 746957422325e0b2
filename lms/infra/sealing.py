"""Seals a value of one column of one row: in another column, or in another row, the token does not open.

Every such column is registered, so that one command brings all of them to the current key. It goes in bounded batches, each
one commit that chooses its rows by what still has to be done: what was killed in the middle is taken up by the next run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.infra import crypto
from lms.infra.db import for_update, unit_of_work

BATCH = 500
_columns: list[InstrumentedAttribute[Any]] = []


@dataclass
class Count:
    """What was done to one column: rows changed, and rows whose token no key at hand opens."""

    column: str
    changed: int = 0
    unreadable: int = 0


def register_sealed(*columns: InstrumentedAttribute[Any]) -> None:
    """Makes columns hold tokens of `seal`; their rows have a key `id`."""
    _columns.extend(columns)


def sealed_columns() -> tuple[InstrumentedAttribute[Any], ...]:
    """All registered columns, by name."""
    return tuple(sorted(_columns, key=_name))


def seal(column: InstrumentedAttribute[Any], row_id: UUID, text: str) -> str:
    """The token that stands for `text` in the row with this id; "" stands for itself, as nothing is hidden by it."""
    return crypto.encrypt(text, _place(column, row_id)) if text else ""


def unseal(column: InstrumentedAttribute[Any], row_id: UUID, token: str | None) -> str:
    """What `seal` was given; "" where nothing is stored. Raises CryptoFault, also for a token of another place.

    A token from before places were bound opens while settings say so (LMS_FIELD_UNBOUND).
    """
    return crypto.decrypt(token, _place(column, row_id), stored=True) if token else ""


def rotate(*, batch: int = BATCH) -> tuple[Count, ...]:
    """Seals every token of an older key, or bound to no place, with the current key and to its place.

    An unreadable token stays as it is, and is counted.
    """
    return tuple(_rotate_column(column, batch) for column in sealed_columns())


def in_batches(
    change: Callable[[Session, Any], None], columns: tuple[InstrumentedAttribute[Any], ...], todo: Any, batch: int
) -> None:
    """Calls `change` with each row (id, columns…) that `todo` still holds for, a batch to a commit, in the order of ids."""
    table = columns[0].class_
    after: UUID | None = None
    while True:
        with unit_of_work() as session:
            later = todo if after is None else and_(todo, table.id > after)
            rows = session.execute(
                for_update(select(table.id, *columns).where(later).order_by(table.id).limit(batch))
            ).all()
            for row in rows:
                change(session, row)
        if len(rows) < batch:
            return
        after = rows[-1][0]


def _rotate_column(column: InstrumentedAttribute[Any], batch: int) -> Count:
    table, count = column.class_, Count(_name(column))
    foreign = and_(column != "", ~column.startswith(crypto.current_beginning(), autoescape=True))

    def reseal(session: Session, row: Any) -> None:
        try:
            fresh = seal(column, row[0], unseal(column, row[0], row[1]))
        except crypto.CryptoFault:
            count.unreadable += 1
            return
        session.execute(
            update(table)
            .where(table.id == row[0], column == row[1])
            .values({column.key: fresh})
            .execution_options(synchronize_session=False)
        )
        count.changed += 1

    in_batches(reseal, (column,), foreign, batch)
    return count


def _name(column: InstrumentedAttribute[Any]) -> str:
    return f"{column.class_.__tablename__}.{column.key}"


def _place(column: InstrumentedAttribute[Any], row_id: UUID) -> str:
    return f"{_name(column)}:{row_id}"
