"""Seals a value of one column of one row: in another column, or in another row, the token does not open."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from lms.infra import crypto


def seal(column: InstrumentedAttribute[Any], row_id: UUID, text: str) -> str:
    """The token that stands for `text` in the row with this id; "" stands for itself, as nothing is hidden by it."""
    return crypto.encrypt(text, _place(column, row_id)) if text else ""


def unseal(column: InstrumentedAttribute[Any], row_id: UUID, token: str | None) -> str:
    """What `seal` was given; "" where nothing is stored. Raises CryptoFault, also for a token of another place.

    A token from before places were bound opens while settings say so (LMS_FIELD_UNBOUND).
    """
    return crypto.decrypt(token, _place(column, row_id), stored=True) if token else ""


def _place(column: InstrumentedAttribute[Any], row_id: UUID) -> str:
    return f"{column.class_.__tablename__}.{column.key}:{row_id}"
